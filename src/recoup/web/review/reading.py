"""From a case's rows to the reviewer's page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from recoup.kernel.money import spoken
from recoup.ledger import queries as ledger
from recoup.orders import queries as orders
from recoup.payments import queries as payments
from recoup.refunds import queries as cases
from recoup.refunds.policy import Facts, Verdict
from recoup.refunds.states import CaseState
from recoup.refunds.views import CaseView
from recoup.web.review import inbox, second_person, things, verbs, words
from recoup.web.review.view_models import CaseDesk, Entry, Leg, Line, Photo, Posting, Row, Verb
from recoup.web.shopper import case_page, reasons, routes, story
from recoup.web.staff.desk import Desk


def row(waiting: cases.Waiting, *, at: datetime, said_yes: str = "") -> Row:
    """A case as a row of the list. `said_yes`: who has, while it waits for a second person."""
    case = waiting.case
    state, tone = words.SECOND_PERSON if said_yes else words.STATES[case.state]
    return Row(
        number=case.number,
        order_number=case.order_number,
        reason=reasons.in_words(case.reason),
        state=state,
        tone=tone,
        asked_at=case.requested_at,
        due=inbox.deadline(waiting, at=at),
        amount=spoken(case.amount_requested_minor, case.currency) if case.currency else "\N{EN DASH}",
        note=f"{said_yes} has approved it" if said_yes else "",
    )


def case_desk(case: CaseView, desk: Desk, *, at: datetime) -> CaseDesk:
    """Everything about one case."""
    found = second_person.standing(case, desk, at=at)
    which = {"merchant_id": case.merchant_id, "case_id": case.id}
    decision = cases.last_decision(**which)
    verdict = Verdict.from_mapping(decision.verdict) if decision else None
    state, tone = words.STATES[case.state]
    payouts = payments.payouts_of_case(**which)
    of_payments = any(map(partial(verbs.allowed_on_payment, state=CaseState(case.state)), payouts))
    moves = () if of_payments else _moves(case)
    may_see_photos = desk.may("cases:photos", things.of_case(case))
    return CaseDesk(
        number=case.number,
        company=desk.company.name,
        order_number=case.order_number,
        state=state,
        tone=tone,
        asked_at=case.requested_at,
        due_at=cases.as_waiting([case], merchant_id=case.merchant_id)[0].due_at,
        reason=reasons.in_words(case.reason),
        words=case.words,
        email=case.email,
        photos=_photos(case) if may_see_photos else (),
        no_photos_words="The shopper has shown none." if may_see_photos else "Your role does not look at photos.",
        lines=lines(case),
        verdict_words=case_page.policy_words(verdict),
        trace=words.trace(verdict),
        signals=words.signals(verdict),
        facts=words.facts(Facts.from_mapping(decision.facts) if decision else None),
        happenings=story.timeline(case_page.told(cases.timeline(**which))),
        verbs=things.offered(desk, moves, things.of_case(case)),
        nothing_words="What is left to decide here is for colleagues in another role."
        if moves
        else "Nothing is left to decide here.",
        legs=payout_legs(payouts, case=case, desk=desk),
        books=books(payouts, merchant_id=case.merchant_id),
        limit_words=found.limit_words if moves else "",
        yeses=second_person.notices(found, desk),
    )


def _moves(case: CaseView) -> tuple[Verb, ...]:
    return verbs.allowed(
        CaseState(case.state),
        goods_awaited=case.state == CaseState.AWAITING_RETURN,
        has_order=case.order_id is not None,
    )


def _photos(case: CaseView) -> tuple[Photo, ...]:
    return tuple(
        Photo(
            key=str(photo.id),
            added_at=photo.added_at,
            note=f"Seen before in {photo.seen_before} other case(s)" if photo.seen_before else "",
        )
        for photo in cases.photos_of_case(merchant_id=case.merchant_id, case_id=case.id)
    )


def lines(case: CaseView) -> tuple[Line, ...]:
    """The asked lines with what was bought; none while the order is unknown."""
    if case.order_id is None:
        return ()
    order = orders.order_by_id(merchant_id=case.merchant_id, order_id=case.order_id)
    by_id = {str(line.id): line for line in order.lines}
    asked = cases.lines_of_case(merchant_id=case.merchant_id, case_id=case.id)
    return tuple(_line(one, by_id[one["line_id"]], order.currency) for one in asked if one["line_id"] in by_id)


def payout_legs(payouts: Sequence[payments.PayoutOnItsWay], *, case: CaseView, desk: Desk) -> tuple[Leg, ...]:
    """The payouts of a case, with what this person can decide about each."""
    state = CaseState(case.state)
    return tuple(
        Leg(
            key=str(payout.id),
            name=payout.label,
            icon=routes.icon_of(payout.method),
            amount=spoken(payout.amount_minor, payout.currency),
            standing=_standing(payout),
            reference=payout.reference or "",
            verbs=things.offered(
                desk, verbs.allowed_on_payment(payout, state=state), things.of_payment(case, payout.id)
            ),
        )
        for payout in payouts
    )


def books(payouts: Sequence[payments.PayoutOnItsWay], *, merchant_id: UUID) -> tuple[Entry, ...]:
    """What stands in the books about these payouts, the oldest first."""
    about = {payout.id: payout.label for payout in payouts}
    journals = ledger.journals_about(merchant_id=merchant_id, reference_ids=list(about))
    return tuple(
        Entry(
            at=journal.at,
            words=words.JOURNALS.get(journal.kind, journal.kind),
            about=about[journal.reference_id],
            postings=tuple(
                Posting(
                    account=words.ACCOUNTS[posting.account],
                    debit=spoken(posting.amount_minor, posting.currency) if posting.amount_minor > 0 else "",
                    credit=spoken(-posting.amount_minor, posting.currency) if posting.amount_minor < 0 else "",
                )
                for posting in journal.postings
            ),
        )
        for journal in journals
    )


def _standing(payout: payments.PayoutOnItsWay) -> str:
    said = words.PAYOUTS[payout.state]
    code = (payout.failure_code or "").replace("_", " ")
    parked = ". Put aside until somebody looks at it" if payout.is_parked else ""
    return f"{said}: {code}{parked}" if code else f"{said}{parked}"


def _line(asked: dict[str, Any], line: orders.LineView, currency: str) -> Line:
    taken = line.quantity - line.quantity_free
    discount = line.item_discount_minor + line.order_discount_minor
    notes = [f"Listed at {spoken(line.unit_price_minor, currency)} each"]
    if discount:
        notes.append(f"discount {spoken(discount, currency)} on all")
    if taken:
        notes.append(f"{taken} refunded or promised already")
    return Line(
        key=asked["line_id"],
        name=line.title,
        note=", ".join(notes),
        bought=line.quantity,
        asked=asked["quantity"],
        amount=spoken(asked["amount_requested_minor"], currency),
        granted=_granted(asked, currency),
    )


def _granted(asked: dict[str, Any], currency: str) -> str:
    if not asked["amount_minor"]:
        return "\N{EN DASH}"
    return f"{spoken(asked['amount_minor'], currency)} for {asked['quantity_granted']}"
