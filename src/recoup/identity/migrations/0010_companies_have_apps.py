"""Apps of companies, and the keys that their tokens are signed with."""

from django.db import migrations, models

import recoup.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("identity", "0009_passwords_are_not_used_again")]

    operations = [
        migrations.CreateModel(
            name="App",
            fields=[
                ("id", models.UUIDField(default=recoup.kernel.ids.uuid7, primary_key=True, serialize=False)),
                ("merchant_id", models.UUIDField()),
                ("name", models.TextField()),
                ("made_by", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                ("id", models.UUIDField(default=recoup.kernel.ids.uuid7, primary_key=True, serialize=False)),
                ("kid", models.TextField(unique=True)),
                ("public_jwk", models.JSONField()),
                ("private_sealed", models.BinaryField()),
                ("created_at", models.DateTimeField()),
                ("signs_from", models.DateTimeField()),
                ("retires_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
