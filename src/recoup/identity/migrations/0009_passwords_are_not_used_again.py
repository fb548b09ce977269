"""The last passwords of a person, hashed, so that an old one is not taken up again."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import recoup.kernel.ids
from recoup.access import row_security


class Migration(migrations.Migration):
    dependencies = [("identity", "0008_a_phone_is_one_persons")]

    operations = [
        migrations.CreateModel(
            name="FormerPassword",
            fields=[
                (
                    "id",
                    models.UUIDField(default=recoup.kernel.ids.uuid7, primary_key=True, serialize=False),
                ),
                ("password", models.TextField()),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
        ),
        row_security.shared_table(
            "identity_formerpassword",
            grants={"web": "SELECT, INSERT, DELETE", "worker": "SELECT, INSERT, DELETE"},
        ),
    ]
