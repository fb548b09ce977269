"""A browser that somebody signed in with is known again, by the hash of what its cookie carries."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import recoup.kernel.ids
from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [("identity", "0014_people_are_invited")]

    operations = [
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.UUIDField(default=recoup.kernel.ids.uuid7, primary_key=True, serialize=False)),
                ("token_hash", models.BinaryField()),
                ("name", models.TextField()),
                ("first_seen_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "token_hash"), name="a_browser_is_one_device_of_each_person"
                    )
                ],
            },
        ),
        row_security.shared_table(
            "identity_device",
            grants={"web": "SELECT, INSERT, UPDATE, DELETE", "worker": "SELECT, DELETE"},
        ),
    ]
