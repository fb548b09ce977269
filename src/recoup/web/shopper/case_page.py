"""From a case's rows to the page that the shopper follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from django.utils import timezone
from django.utils.translation import gettext

from recoup.events import queries as events
from recoup.kernel.clock import now
from recoup.kernel.money import spoken
from recoup.merchants.queries import Company
from recoup.notifications.queries import arriving
from recoup.payments.queries import PayoutOnItsWay
from recoup.payments.states import PayoutState
from recoup.refunds.policy import Outcome, Verdict, in_words
from recoup.refunds.queries import Grantable
from recoup.refunds.states import GRANTED, MOVES, UNDECIDED, WITH_SHOPPER, CaseState
from recoup.refunds.views import CaseView
from recoup.web.shopper import outlook, routes, standing, story
from recoup.web.shopper.view_models import CasePage, Route, SumLine

_STANDINGS = {
    PayoutState.QUEUED: "Being sent now",
    PayoutState.SUBMITTING: "Being sent now",
    PayoutState.UNKNOWN: "Sent; we are asking the provider for its answer",
    PayoutState.PROVIDER_PENDING: "Sent",
    PayoutState.SUCCEEDED: "Sent, and confirmed by the provider",
    PayoutState.FAILED: "Did not go through. A person is finding another way",
    PayoutState.REVERSED: "Came back. A person is finding another way",
    PayoutState.AWAITING_MERCHANT_FUNDS: "Waits for the shop's account; we try again by ourselves",
}
_EVIDENCE = "You have 14 days to add it. Then we look at it at once."
_NEXT = {
    CaseState.SUBMITTED: ("You get an answer in a moment.",),
    CaseState.VERIFYING_ORDER: ("We ask the shop for your order.", "If it does not answer, a person takes over."),
    CaseState.NEEDS_EVIDENCE: (_EVIDENCE,),
    CaseState.AWAITING_RETURN: (
        "Send the goods back within 30 days. Put the case number in the parcel.",
        "If you do not know where to send them, write to the shop: the link is at the end of this page.",
        "Once they are checked in, your money is sent.",
    ),
    CaseState.IN_REVIEW: ("A person answers you here and by e-mail, usually within a day.",),
    CaseState.APPEALED: ("A person answers you here and by e-mail, usually within a day.",),
    CaseState.REJECTED: ("You can tell us why you disagree.",),
}
#: Every text of these tables, for the catalogues.
TEXTS: tuple[str, ...] = (*_STANDINGS.values(), *(step for steps in _NEXT.values() for step in steps))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event of the timeline."""

    kind: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What was read of one case."""

    case: CaseView
    company: Company
    happened: Sequence[Mapping[str, Any]]
    payouts: Sequence[PayoutOnItsWay]
    verdict: Verdict | None
    granted: Grantable | None = None


def case_page(rows: Rows) -> CasePage:
    """Everything the shopper sees, in words."""
    case, facts = rows.case, _facts(rows)
    state = CaseState(case.state)
    heading, words = standing.headline(facts)
    verdict = rows.verdict if rows.verdict and rows.verdict.proposed_minor > 0 else None
    return CasePage(
        number=case.number,
        company=rows.company.name,
        order_number=case.order_number,
        headline=heading,
        words=words.strip(),
        total=spoken(case.amount_minor, case.currency) if facts.is_granted and case.currency else "",
        clocks=standing.clocks(facts),
        happenings=story.timeline(told(rows.happened)),
        next_steps=_next_steps(facts),
        routes=_routes(rows),
        lines=_lines(rows, verdict),
        total_of_lines=_total(rows, verdict),
        total_name="You get back" if facts.is_granted else "You would get back",
        asks=(_explanation(rows),) if state is CaseState.NEEDS_EVIDENCE else (),
        can_add_evidence=state is CaseState.NEEDS_EVIDENCE,
        can_withdraw=state in UNDECIDED and CaseState.WITHDRAWN in MOVES[state],
        can_undo=_can_undo(rows),
        undo_until=_undo_until(rows),
        can_appeal=CaseState.APPEALED in MOVES[state] and case.amount_minor < case.amount_requested_minor,
        contact_email=rows.company.support_email,
        is_moving=state in UNDECIDED or (facts.is_granted and case.credited_at is None),
        live_url=events.live_url(case_id=case.id, number=case.number),
    )


def _can_undo(rows: Rows) -> bool:
    """Whether nothing of what was granted was ever sent; the goods must not be back with the shop either."""
    live = [payout for payout in rows.payouts if payout.state != PayoutState.CANCELED]
    return (
        rows.case.state in GRANTED
        and rows.case.goods_state in WITH_SHOPPER
        and bool(live)
        and all(payout.state == PayoutState.QUEUED and payout.submitted_at is None for payout in live)
    )


def _undo_until(rows: Rows) -> str:
    """`10:31:20`, while it is kept back for that."""
    held = [payout.next_at for payout in rows.payouts if payout.next_at is not None and payout.next_at > now()]
    if not held or not _can_undo(rows):
        return ""
    return f"{min(held).astimezone(timezone.get_current_timezone()):%H:%M:%S}"


def told(happened: Sequence[Mapping[str, Any]]) -> list[Told]:
    """The events with their data read."""
    return [
        Told(
            kind=event["kind"],
            at=event["at"],
            data=orjson.loads(event["data"]) if isinstance(event["data"], str) else event["data"],
        )
        for event in happened
    ]


def _facts(rows: Rows) -> standing.Facts:
    case = rows.case
    is_granted = case.state in standing.GRANTED or (bool(rows.payouts) and case.amount_minor > 0)
    return standing.Facts(
        state=CaseState(case.state),
        company=rows.company.name,
        explanation=outlook.without_opening(_explanation(rows), case.amount_minor, case.currency),
        requested_at=case.requested_at,
        decided_at=case.decided_at,
        initiated_at=case.initiated_at,
        credited_at=case.credited_at,
        expected=arriving.expected([payout.method for payout in rows.payouts], sent_on=_day(case.initiated_at)),
        has_failed=is_granted and any(payout.needs_person for payout in rows.payouts),
        is_granted=is_granted,
    )


def _explanation(rows: Rows) -> str:
    """The policy's words in the page's language; what a person wrote stands as they wrote it."""
    told, verdict = rows.case.explanation, rows.verdict
    if verdict is None or told != in_words(verdict):
        return told
    return in_words(verdict, say=gettext)


def _day(at: datetime | None) -> date | None:
    return at.astimezone(timezone.get_current_timezone()).date() if at else None


def _next_steps(facts: standing.Facts) -> tuple[str, ...]:
    if facts.has_failed:
        return (gettext("A person finds another way for your money, and tells you here and by e-mail."),)
    if facts.is_granted and facts.credited_at is None:
        if facts.initiated_at is None:
            return (gettext("Your money is being sent, usually within a minute. You get an e-mail when it is."),)
        return (
            gettext("It reaches your account {expected}.").format(expected=facts.expected)
            if facts.expected
            else gettext("It reaches your account soon."),
            gettext("If it is not there by then, write to us with your case number and the reference below."),
        )
    return tuple(gettext(step) for step in _NEXT.get(facts.state, ()))


def _routes(rows: Rows) -> tuple[Route, ...]:
    return tuple(
        routes.route(
            method=payout.method,
            label=payout.label,
            amount_minor=payout.amount_minor,
            currency=payout.currency,
            standing=gettext(_STANDINGS[payout.state]) if payout.state in _STANDINGS else "",
            reference=payout.reference or "",
        )
        for payout in rows.payouts
        if payout.state != PayoutState.CANCELED
    )


def _lines(rows: Rows, verdict: Verdict | None) -> tuple[SumLine, ...]:
    """How the sum came about: as the policy says it, or, where a person decided, line by line as they did."""
    if _is_persons(rows) and rows.granted is not None:
        return outlook.granted_lines(rows.granted, total_minor=rows.case.amount_minor)
    return outlook.sum_lines(verdict) if verdict else ()


def _total(rows: Rows, verdict: Verdict | None) -> str:
    if _is_persons(rows):
        return spoken(rows.case.amount_minor, rows.case.currency)
    return spoken(verdict.proposed_minor, verdict.currency) if verdict else ""


def _is_persons(rows: Rows) -> bool:
    return is_persons(rows.case)


def is_persons(case: CaseView) -> bool:
    """Whether a person said what is paid, so that the policy's own sum does not tell it."""
    return case.rule == "person" and case.amount_minor > 0


def policy_words(verdict: Verdict | None) -> str:
    """The policy's own answer, for reviewers: it stays what it was when a person decides otherwise."""
    if verdict is None:
        return ""
    return "The policy approves this." if verdict.outcome is Outcome.APPROVE else in_words(verdict)
