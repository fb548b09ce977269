"""Cases and payments as the authorizer knows them, and what it lets somebody do with them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from recoup.access.resources import Case, Payout, Resource
from recoup.refunds.views import CaseView
from recoup.web.review import verbs
from recoup.web.review.view_models import Verb
from recoup.web.staff.desk import Desk


def of_case(case: CaseView) -> Case:
    """The case as the policies see it."""
    return Case(company=case.merchant_id, case=case.id, email=case.email)


def of_payment(case: CaseView, payout_id: UUID) -> Payout:
    """A payment of the case as the policies see it."""
    return Payout(company=case.merchant_id, payout=payout_id, case=case.id, email=case.email)


def offered(desk: Desk, moves: Iterable[Verb], thing: Resource) -> tuple[Verb, ...]:
    """Of the verbs that the states allow, those that the policies allow too: a page offers nothing else."""
    return tuple(verb for verb in moves if desk.may(verbs.ASKS_FOR[verb.code], thing))
