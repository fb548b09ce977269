"""An account may have a phone number and no e-mail address; it always has one of the two."""

from django.db import migrations, models

RULE = models.CheckConstraint(
    condition=models.Q(email__isnull=False, email__gt="") | models.Q(phone__isnull=False),
    name="everybody_can_be_reached",
)
#: Programs that run meanwhile make no account without an address, and nobody has one yet.
OPTIONAL = """
-- squawk-ignore ban-drop-not-null
ALTER TABLE identity_person ALTER COLUMN email DROP NOT NULL;
"""
CHECK = """
ALTER TABLE identity_person ADD CONSTRAINT everybody_can_be_reached
CHECK ((email IS NOT NULL AND email > '') OR phone IS NOT NULL) NOT VALID;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0011_a_token_is_found_by_its_hash")]

    operations = [
        migrations.RunSQL(
            sql=[OPTIONAL],
            reverse_sql="ALTER TABLE identity_person ALTER COLUMN email SET NOT NULL;",
            state_operations=[
                migrations.AlterField("person", "email", models.EmailField(max_length=254, null=True, unique=True))
            ],
        ),
        migrations.RunSQL(
            sql=CHECK,
            reverse_sql="ALTER TABLE identity_person DROP CONSTRAINT everybody_can_be_reached;",
            state_operations=[migrations.AddConstraint(model_name="person", constraint=RULE)],
        ),
    ]
