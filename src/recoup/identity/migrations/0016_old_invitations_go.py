"""The worker removes invitations that ended long ago."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("identity", "0015_devices_are_known")]

    operations = [
        migrations.RunSQL(
            sql="GRANT DELETE ON identity_invitation TO recoup_worker;",
            reverse_sql="REVOKE DELETE ON identity_invitation FROM recoup_worker;",
        ),
    ]
