"""Builds broken on purpose: each of them must fail, or the rig could not have seen the fault either.

What belongs to one test stands beside it; here are the walls of the database and the derived key.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import requests

from proofs.finding import Finding
from proofs.rig import Rig

Database = psycopg.Connection[Any]
#: As a developer in a hurry writes it: row security is on and forced, and keeps nobody out.
ANYBODY = "CREATE POLICY tenant ON {table} USING (true) WITH CHECK (true)"


class _Undo(Exception):
    """What the control broke is as before."""


@contextlib.contextmanager
def _undone(rig: Rig) -> Iterator[Database]:
    with contextlib.suppress(_Undo), rig.database.transaction():
        yield rig.database
        raise _Undo


def walls(rig: Rig) -> Finding:
    """Walls of the database hold as they are, and let through what they keep out once they are taken away."""
    finding = Finding("controls")
    sql = "UPDATE payments_capture SET reserved_minor = captured_minor + 1 WHERE merchant_id = %s"
    words = "captures without their CHECK"
    with _undone(rig) as database:
        finding.expect(not _may(database, sql, rig.company.id), f"{words}: the wall does not hold as it is")
    with _undone(rig) as database:
        database.execute("ALTER TABLE payments_capture DROP CONSTRAINT never_more_back_than_captured")
        finding.control(_may(database, sql, rig.company.id), words)
    _tenants(rig, finding)
    return finding


def _may(database: Database, sql: str, *values: object) -> bool:
    try:
        with database.transaction():
            return bool(database.execute(sql, values).rowcount)  # type: ignore[call-overload]
    except psycopg.errors.IntegrityError:
        return False


def _tenants(rig: Rig, finding: Finding) -> None:
    """Another company asks the API for a case: never heard of. Without the policy of that one table it is shown."""
    stranger = _stranger(rig)
    cases = rig.refund_all(rig.fresh_orders(1))
    finding.took(rig.settle(cases))
    rig.judge(finding, cases)
    (case,) = cases
    answer = _look(rig, case, stranger)
    finding.expect(answer.status_code == 404, f"a stranger asked for a case: {answer.status_code}")
    ((definition,),) = rig.rows(
        "SELECT format('CREATE POLICY tenant ON refunds_case TO %%s USING (%%s) WITH CHECK (%%s)',"
        " array_to_string(roles, ', '), qual, with_check)"
        "  FROM pg_policies WHERE tablename = 'refunds_case' AND policyname = 'tenant'"
    )
    try:
        rig.database.execute("DROP POLICY tenant ON refunds_case")
        answer = _look(rig, case, stranger)
        finding.expect(answer.status_code == 404, f"with no policy at all: {answer.status_code}, not closed")
        rig.database.execute(ANYBODY.format(table="refunds_case"))
        answer = _look(rig, case, stranger)
        leaks = answer.status_code == 200 and answer.json()["id"] == str(case)
        finding.control(leaks, "cases without their tenant's policy")
    finally:
        rig.database.execute("DROP POLICY IF EXISTS tenant ON refunds_case")
        rig.database.execute(definition)
    answer = _look(rig, case, stranger)
    finding.expect(answer.status_code == 404, f"with the policy back: {answer.status_code}")


def _stranger(rig: Rig) -> str:
    """A key of a company that has nothing to do with ours."""
    from recoup.access import actions as access
    from recoup.config.replaying import company as companies
    from recoup.kernel import clock

    other = companies.ensure(
        slug="strangers", name="Strangers", policy=None, provider_url=rig.provider, webhooks_to=None
    )
    _, secret = access.create_key(
        merchant_id=other.id, label="Strangers", scopes=companies.SCOPES, by="proofs", at=clock.now()
    )
    return secret


def _look(rig: Rig, case: UUID, api_key: str) -> requests.Response:
    url = f"{rig.house.running.web_url}/api/v1/refunds/{case}"
    return requests.get(url, headers={"Authorization": f"Bearer {api_key}"}, timeout=10)


def keys(rig: Rig, *, rounds: int) -> Finding:
    """Vaults that send again instead of looking up: with the derived key one movement, with a random one two."""
    finding = Finding("key control")
    with rig.broken("vault", "vault_resends"):
        cases, doubles = _sent_again(rig, rounds)
        finding.expect(doubles == 0, f"the derived key did not keep {doubles} payments from being made twice")
        rig.judge(finding, cases)
    with rig.broken("vault", "vault_random_key"):
        cases, doubles = _sent_again(rig, rounds)
        finding.refunds += len(cases)
        finding.control(doubles > 0, "a random key for each request")
    return finding


def _sent_again(rig: Rig, rounds: int) -> tuple[dict[UUID, int], int]:
    before = rig.doubles()
    rig.fault(times=rounds, drop="after")
    cases = rig.refund_all(rig.fresh_orders(rounds))
    rig.settle(cases, seconds=60)
    rig.heal()
    return cases, rig.doubles() - before
