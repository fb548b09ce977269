"""What a company says about approvals, who works there, and what was said to a case."""

import threading

import pytest
from django.db import connection

from recoup.access import tenancy
from recoup.kernel.errors import Refusal
from tests.refunds.asking import do, rows

#: More than the policy decides alone.
SOFA = 90_000


def refused(shop, case, **words):
    with pytest.raises(Refusal) as refusal:
        do(shop, "approve", case, **words)
    return refusal.value.code


def said(shop, case):
    """Who has said yes to the case, and whether it counted."""
    query = (
        "SELECT actor, decided_at IS NOT NULL, people_needed FROM refunds_approval WHERE case_id = %s ORDER BY at, id"
    )
    return rows(shop, query, case.id)


def change(shop, statement, *values):
    @tenancy.action
    def write(*, merchant_id):
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    write(merchant_id=shop.id)


def dismiss(shop, actor):
    change(shop, "DELETE FROM identity_membership WHERE person_id = %s", actor.partition(":")[2])


def at_once(calls):
    """All calls begin together; what each gave, or the code of its refusal."""
    given, barrier = [], threading.Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            given.append(call())
        except Refusal as refusal:
            given.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given
