"""A company's people put files in line for the worker, and see how far it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0009_lines_are_found_by_their_item")]

    operations = [
        migrations.AddField("importrun", "file_key", models.TextField(blank=True, db_default="", default="")),
        migrations.AddField("importrun", "asked_by", models.TextField(blank=True, db_default="", default="")),
        migrations.AddField("importrun", "bytes_in_all", models.BigIntegerField(db_default=0, default=0)),
        migrations.AddField("importrun", "bytes_read", models.BigIntegerField(db_default=0, default=0)),
        migrations.AddField("importrun", "fence", models.BigIntegerField(db_default=0, default=0)),
        migrations.AddField("importrun", "lease_until", models.DateTimeField(null=True)),
        migrations.AddField("importrun", "problem", models.TextField(blank=True, db_default="", default="")),
    ]
