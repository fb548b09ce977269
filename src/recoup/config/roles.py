"""One database role per program, on the embedded cluster or on a server of the operator's.

What a role may do with a table stands in the migrations; here it gets its name, its password and the right to connect.
Passwords travel as scram verifiers, so the server's log never sees one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from recoup.config.house_secrets import OWNER, PROGRAM_ROLES, ROLES
from recoup.config.refusals import RolesInUse, ServerUnusable
from recoup.config.running import with_credentials, without_credentials

DATABASE = "recoup"
VERSION_MIN = 150000
ATTRIBUTES = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"

Connection = psycopg.Connection[tuple[object, ...]]


def furnish_cluster(connection: Connection, *, passwords: Mapping[str, str]) -> None:
    """Our own cluster has all roles afterwards, and the database `recoup` that belongs to recoup_owner."""
    _ensure_roles(connection, roles=ROLES, passwords=passwords)
    connection.execute("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC")
    if not _database_exists(connection, DATABASE):
        create_database(connection, DATABASE)


def create_database(connection: Connection, name: str, *, template: str = "template0") -> None:
    """A database of recoup_owner's that only our roles may enter."""
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template)
        )
    )
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    connection.execute(
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(name), _identifiers(PROGRAM_ROLES))
    )


def drop_database(connection: Connection, name: str) -> None:
    """The database is gone, whoever was still connected."""
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def secure_schema(connection: Connection) -> None:
    """Nobody but our roles sees into the schema `public` of this database. For the database's owner to call."""
    connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(_identifiers(PROGRAM_ROLES)))


@dataclass(frozen=True)
class Server:
    """The operator's server, by the DATABASE_URL of the database's owner."""

    owner_url: str

    @property
    def address(self) -> str:
        """The database without user and password: fit to be shown and written down."""
        return without_credentials(self.owner_url)

    def furnish(self, *, passwords: Mapping[str, str]) -> None:
        """The server has our roles with these passwords afterwards, and only they may connect to the database.

        Raises ServerUnusable (with the SQL for a database administrator, where that would help), RolesInUse.
        """
        with self._connect() as connection:
            _must_be_recent(connection)
            _must_be_owner(connection)
            strangers = [role for role in PROGRAM_ROLES if not self._lets_in(role, passwords[role])]
            if strangers:
                self._let_in(connection, strangers, passwords)
            name = _text(connection, "SELECT current_database()")
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(name), _identifiers(PROGRAM_ROLES))
            )
            _secure_given_schema(connection)

    def _connect(self) -> Connection:
        try:
            return psycopg.connect(self.owner_url, connect_timeout=10, autocommit=True)
        except psycopg.Error as problem:
            raise ServerUnusable(f"DATABASE_URL ({self.address}): {str(problem).strip()}") from None

    def _lets_in(self, role: str, password: str) -> bool:
        url = with_credentials(self.owner_url, user=role, password=password)
        try:
            psycopg.connect(url, connect_timeout=10).close()
        except psycopg.OperationalError:
            return False
        return True

    def _let_in(self, connection: Connection, strangers: Sequence[str], passwords: Mapping[str, str]) -> None:
        connected = connection.execute(
            "SELECT DISTINCT usename::text FROM pg_stat_activity WHERE usename = ANY(%s)", [list(strangers)]
        ).fetchall()
        if connected:
            raise RolesInUse(
                f"another Recoup is connected to {self.address} as {', '.join(str(row[0]) for row in connected)} with "
                "other passwords. Give this data directory its secrets.json, or stop it first."
            )
        try:
            with connection.transaction():
                _ensure_roles(connection, roles=strangers, passwords=passwords)
        except psycopg.errors.InsufficientPrivilege as problem:
            raise ServerUnusable(_for_the_administrator(connection, strangers, passwords, problem)) from None


def _ensure_roles(connection: Connection, *, roles: Sequence[str], passwords: Mapping[str, str]) -> None:
    there = {row[0] for row in connection.execute("SELECT rolname::text FROM pg_roles").fetchall()}
    for role in roles:
        connection.execute(_role_statement(connection, role, passwords[role], exists=role in there))


def _role_statement(connection: Connection, role: str, password: str, *, exists: bool) -> sql.Composed:
    """An existing role keeps its attributes: to touch them asks for more rights than an owner has."""
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    verb, attributes = ("ALTER", "LOGIN") if exists else ("CREATE", ATTRIBUTES)
    return sql.SQL("{} ROLE {} {} PASSWORD {}").format(
        sql.SQL(verb), sql.Identifier(role), sql.SQL(attributes), sql.Literal(verifier)
    )


def _database_exists(connection: Connection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _must_be_recent(connection: Connection) -> None:
    if connection.info.server_version < VERSION_MIN:
        found = _text(connection, "SHOW server_version")
        raise ServerUnusable(f"DATABASE_URL is a PostgreSQL {found}; Recoup needs 15 or newer")


def _must_be_owner(connection: Connection) -> None:
    owns = connection.execute(
        "SELECT pg_has_role(current_user, datdba, 'MEMBER'), datname::text, current_user::text"
        " FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    if owns is not None and not owns[0]:
        raise ServerUnusable(
            f"the user of DATABASE_URL must own its database, which is where Recoup makes its tables. "
            f'A database administrator can run:\n\n  ALTER DATABASE "{owns[1]}" OWNER TO "{owns[2]}";'
        )


def _secure_given_schema(connection: Connection) -> None:
    owns = connection.execute(
        "SELECT pg_has_role(current_user, nspowner, 'USAGE'), current_database()::text, current_user::text"
        " FROM pg_namespace WHERE nspname = 'public'"
    ).fetchone()
    if owns is not None and not owns[0]:
        raise ServerUnusable(
            "the user of DATABASE_URL must own the schema public. A database administrator can run, "
            f'in the database "{owns[1]}":\n\n  ALTER SCHEMA public OWNER TO "{owns[2]}";'
        )
    secure_schema(connection)


def _for_the_administrator(
    connection: Connection, roles: Sequence[str], passwords: Mapping[str, str], problem: psycopg.Error
) -> str:
    there = {row[0] for row in connection.execute("SELECT rolname::text FROM pg_roles").fetchall()}
    statements = "\n".join(
        f"  {_role_statement(connection, role, passwords[role], exists=role in there).as_string(connection)};"
        for role in roles
    )
    return (
        f"the user of DATABASE_URL may not make Recoup's roles ({problem.diag.message_primary}). Either a database "
        f'administrator gives it that right (ALTER ROLE "{connection.info.user}" CREATEROLE), or runs this (the '
        f"passwords are in this data directory's secrets.json, here as verifiers), after which bin/up goes on:\n\n"
        f"{statements}"
    )


def _identifiers(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)


def _text(connection: Connection, query: str) -> str:
    row = connection.execute(query.encode()).fetchone()
    return str(row[0]) if row else ""
