"""A new case: what it says when somebody asks for a refund, and how many of them are written at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from recoup.events import transactional as events
from recoup.events.transactional import Happening
from recoup.kernel import ids, units
from recoup.kernel.errors import Invalid
from recoup.kernel.rows import as_rows, insert_into
from recoup.refunds import claims as claiming
from recoup.refunds import judging, settling, showing
from recoup.refunds.claims import LineClaim
from recoup.refunds.dossier import Dossier
from recoup.refunds.judging import Hearing
from recoup.refunds.models import Case
from recoup.refunds.policy import OrderStatus
from recoup.refunds.requests import RefundRequest, WantedItem
from recoup.refunds.settling import Grant, GrantedLine
from recoup.refunds.states import CaseState, GoodsState


class OnlyInPractice(Invalid):
    """A company that is live may not choose the date by which it is judged."""

    code = "only_in_practice"
    title = "Only a company in practice mode may set the date of judging"


@dataclass(slots=True, kw_only=True)
class Opened:
    """A case that is not written yet. Without `hearing`, the merchant is asked for the order first."""

    case: Case
    request: RefundRequest
    dossier: Dossier
    by: str
    at: datetime
    photos_seen: list[int]
    claims: list[LineClaim] = field(default_factory=list)
    hearing: Hearing | None = None
    granted: list[GrantedLine] = field(default_factory=list)


def open_case(request: RefundRequest, dossier: Dossier, *, by: str, at: datetime) -> Opened:
    """The case with its verdict, as it will be written. Raises NoSuchLine, Invalid, OnlyInPractice."""
    if request.as_of is not None and not dossier.is_practice:
        raise OnlyInPractice
    case = _case(request, dossier, at=at)
    seen = [showing.times_seen(photo, merchant_id=case.merchant_id, case_id=case.id, at=at) for photo in request.photos]
    opened = Opened(case=case, request=request, dossier=dossier, by=by, at=at, photos_seen=seen)
    if _must_ask_merchant(dossier, at=at):
        case.state, case.wake_at, case.waits_for = CaseState.VERIFYING_ORDER, at, "order"
    else:
        _judge(opened)
    return opened


def _must_ask_merchant(dossier: Dossier, *, at: datetime) -> bool:
    """True when the merchant's own system can be asked and our copy is missing or stale."""
    fresh_for_s = dossier.connector_fresh_for_s
    if fresh_for_s is None:
        return False
    return dossier.order is None or (at - dossier.order.as_of).total_seconds() > fresh_for_s


def _case(request: RefundRequest, dossier: Dossier, *, at: datetime) -> Case:
    order = dossier.order
    return Case(
        id=ids.uuid7(),
        merchant_id=dossier.merchant_id,
        number=ids.case_number(),
        order_id=order.id if order else None,
        order_number=request.order_number,
        email=request.email or (order.email if order else ""),
        country=order.country if order else "",
        channel=request.channel,
        locale=request.locale,
        state=CaseState.SUBMITTED,
        goods_state=GoodsState.RECEIVED if request.goods_received else GoodsState.NOT_REQUIRED,
        reason=request.reason,
        words=request.words,
        items=[_stored_item(item) for item in request.items],
        requested_at=at,
        judged_as_of=request.as_of,
    )


def _stored_item(item: WantedItem) -> dict[str, object]:
    told = {
        "line_id": str(item.line_id) if item.line_id else None,
        "position": item.position,
        "sku": item.sku,
        "unit_price_minor": item.unit_price_minor,
        "quantity": item.quantity,
    }
    return {name: value for name, value in told.items() if value is not None}


def _judge(opened: Opened) -> None:
    case, dossier, request = opened.case, opened.dossier, opened.request
    opened.claims = claiming.claims_of(dossier, request.items) if dossier.order else []
    opened.hearing = judging.hear(
        case,
        dossier,
        opened.claims,
        order_answer=judging.answer_for(request.channel, OrderStatus.NOT_FOUND),
        photo_count=len(opened.photos_seen),
        photos_seen_before=sum(count > 0 for count in opened.photos_seen),
    )
    settling.write_down(case, opened.hearing.verdict, at=opened.at)
    case.amount_requested_minor = opened.hearing.facts.amount_requested_minor
    opened.granted = settling.granted_lines(opened.claims, opened.hearing.verdict)


_COLUMNS = (
    *("id", "merchant_id", "number", "order_id", "order_number", "email", "country", "channel", "locale", "state"),
    *("goods_state", "reason", "words", "items", "currency", "amount_requested_minor", "amount_minor"),
    *("shipping_granted_minor", "reason_code", "rule", "explanation", "asks", "appeals", "requested_at"),
    *("judged_as_of", "decided_at", "wake_at", "waits_for", "fence", "tries"),
)
_CASES = insert_into("refunds_case", _COLUMNS)
_LINES = insert_into(
    "refunds_caseline",
    (
        *("id", "merchant_id", "case_id", "order_line_id", "quantity", "units"),
        *("amount_requested_minor", "amount_minor"),
    ),
)


def write_together(opened: Sequence[Opened]) -> None:
    """The cases exist with their lines, photos, decisions and money, and their events are recorded.

    No two of them may be for the same order. Raises AlreadyRefunded, OverRefund.
    """
    if not opened:
        return
    rows = [{name: getattr(one.case, name) for name in _COLUMNS} for one in opened]
    lines = [line for one in opened for line in _lines(one)]
    with connection.cursor() as cursor:
        cursor.execute(_CASES, [as_rows(rows)])
        if lines:
            cursor.execute(_LINES, [as_rows(lines)])
    for one in opened:
        showing.write_photos(
            one.request.photos, one.photos_seen, merchant_id=one.case.merchant_id, case_id=one.case.id, at=one.at
        )
    settling.keep_decisions([judging.decided(one.case, one.hearing, at=one.at) for one in opened if one.hearing])
    settling.reserve_together([_grant(one) for one in opened if one.hearing and one.hearing.verdict.grants])
    events.record([happening for one in opened for happening in _happened(one)])
    if any(one.hearing is None for one in opened):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('recoup_cases', '')")


def _lines(opened: Opened) -> list[dict[str, Any]]:
    """The case's lines as rows; a granted one has its units and its money from the start."""
    case, hearing = opened.case, opened.hearing
    if hearing is None:
        return []
    granted = {line.claim.line.id: line for line in opened.granted}
    rows = []
    for claim, asked_minor in zip(opened.claims, hearing.amounts, strict=True):
        given = granted.get(claim.line.id)
        rows.append(
            {
                "id": ids.uuid7(),
                "merchant_id": case.merchant_id,
                "case_id": case.id,
                "order_line_id": claim.line.id,
                "quantity": claim.quantity,
                "units": units.to_sql(given.claim.spans if given else []),
                "amount_requested_minor": asked_minor,
                "amount_minor": given.amount_minor if given else 0,
            }
        )
    return rows


def _grant(opened: Opened) -> Grant:
    return Grant(
        case=opened.case,
        dossier=opened.dossier,
        lines=opened.granted,
        amount_minor=opened.case.amount_minor,
        delivery_minor=opened.case.shipping_granted_minor,
        at=opened.at,
        undo_s=opened.request.undo_s,
    )


def _happened(opened: Opened) -> list[Happening]:
    case, at = opened.case, opened.at
    submitted = settling.happening(case, "case.submitted", by=opened.by, at=at, channel=opened.request.channel)
    return [submitted, settling.of_state(case, by="policy", at=at)]
