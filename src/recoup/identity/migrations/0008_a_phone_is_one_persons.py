"""A phone number is one person's. The index is built beside people who sign in meanwhile; one that stayed half-built
when this was stopped is built anew.
"""

from django.db import migrations, models

RULE = models.UniqueConstraint(
    condition=models.Q(phone__isnull=False), fields=("phone",), name="a_phone_is_one_persons"
)
BUILD = """
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_phone_is_one_persons ON identity_person (phone)
 WHERE phone IS NOT NULL;
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("identity", "0007_a_provider_is_found_by_domain")]

    operations = [
        migrations.RunSQL(
            sql=["DROP INDEX CONCURRENTLY IF EXISTS a_phone_is_one_persons;", BUILD],
            reverse_sql="DROP INDEX a_phone_is_one_persons;",
            state_operations=[migrations.AddConstraint(model_name="person", constraint=RULE)],
        ),
    ]
