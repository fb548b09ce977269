"""Prints, as JSON, the SQL that each of Recoup's migrations runs: {"refunds.0001_tables": "CREATE TABLE ..."}.

One process for all of them (`manage.py sqlmigrate` starts Django once for each), run by `manage shell`, so in the very
session that migrations get.
"""

import json

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader


def sql_of_migrations() -> dict[str, str]:
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("recoup.")}
    loader = MigrationLoader(connection, replace_migrations=False)
    wanted = sorted(key for key in loader.disk_migrations if key[0] in ours)
    return {f"{app}.{name}": _sql(loader, app, name) for app, name in wanted}


def _sql(loader: MigrationLoader, app: str, name: str) -> str:
    """As it runs: in one transaction, unless the migration says otherwise."""
    migration = loader.graph.nodes[app, name]
    sql = "\n".join(loader.collect_sql([(migration, False)]))
    return f"BEGIN;\n{sql}\nCOMMIT;" if migration.atomic else sql


def show() -> None:
    """Begins with the lock time limit that migrations really run under, so that it is judged too."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        (limit,) = cursor.fetchone()
    begin = "" if limit == "0" else f"SET lock_timeout = '{limit}';\n"
    print(json.dumps({name: begin + sql for name, sql in sql_of_migrations().items()}))
