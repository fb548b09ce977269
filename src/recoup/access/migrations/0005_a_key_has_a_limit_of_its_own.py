"""A key may approve up to a limit of its own; without one, as much as its company lets keys."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0004_what_is_spent_is_counted")]

    operations = [
        migrations.AddField(model_name="apikey", name="approve_limit_minor", field=models.BigIntegerField(null=True)),
    ]
