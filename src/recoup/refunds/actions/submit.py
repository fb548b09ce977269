"""Asking for a refund: the case, its verdict and, when policy says yes, its reserved money, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.access import idempotency, tenancy
from recoup.events import transactional as events
from recoup.kernel import ids
from recoup.kernel.crashpoints import crashpoint
from recoup.kernel.errors import Invalid
from recoup.refunds import claims as claiming
from recoup.refunds import dossier as dossiers
from recoup.refunds import judging, settling, showing
from recoup.refunds.dossier import Dossier
from recoup.refunds.models import Case
from recoup.refunds.policy import OrderStatus
from recoup.refunds.requests import RefundRequest, Remember, WantedItem
from recoup.refunds.states import CaseState, GoodsState
from recoup.refunds.views import CaseView, view_of


class OnlyInPractice(Invalid):
    """A company that is live may not choose the date by which it is judged."""

    code = "only_in_practice"
    title = "Only a company in practice mode may set the date of judging"


@tenancy.action
def submit(
    *, request: RefundRequest, merchant_id: UUID, by: str, at: datetime, remember: Remember | None = None
) -> CaseView | idempotency.Stored:
    """The case exists and is judged; if policy grants it at once, its money is reserved and the vault is woken.

    An order we do not know, or know only from too long ago, is asked for first: the case waits in `verifying_order`.
    With `remember`, the answer's bytes are kept under the key; a repetition gives `Stored` and changes nothing.

    Raises Invalid, NoSuchLine, OnlyInPractice, idempotency.StillRunning, idempotency.KeyReused.
    """
    if remember is not None:
        stored = idempotency.begin(merchant_id=merchant_id, key=remember.key, request_hash=remember.request_hash)
        if stored is not None:
            return stored
    dossier = dossiers.read(merchant_id=merchant_id, order_number=request.order_number, at=at)
    if request.as_of is not None and not dossier.is_practice:
        raise OnlyInPractice
    case = _opened(request, dossier, merchant_id=merchant_id, at=at)
    happened = [settling.happening(case, "case.submitted", by=by, at=at, channel=request.channel)]
    if _must_ask_merchant(dossier, at=at):
        case.state, case.wake_at, case.waits_for = CaseState.VERIFYING_ORDER, at, "order"
        _insert(case)
        _insert_photos(case, request, _times_seen(case, request, at=at), at=at)
        happened.append(settling.of_state(case, by="policy", at=at))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('recoup_cases', '')")
    else:
        happened += _judge_new(case, dossier, request, at=at)
    events.record(happened)
    view = view_of(case)
    if remember is not None:
        answer = idempotency.Stored(remember.status, remember.render(view))
        idempotency.end(
            merchant_id=merchant_id, key=remember.key, request_hash=remember.request_hash, answer=answer, at=at
        )
    crashpoint("web_before_commit")
    return view


def _must_ask_merchant(dossier: Dossier, *, at: datetime) -> bool:
    """True when the merchant's own system can be asked and our copy is missing or stale."""
    fresh_for_s = dossier.connector_fresh_for_s
    if fresh_for_s is None:
        return False
    return dossier.order is None or (at - dossier.order.as_of).total_seconds() > fresh_for_s


def _opened(request: RefundRequest, dossier: Dossier, *, merchant_id: UUID, at: datetime) -> Case:
    order = dossier.order
    return Case(
        id=ids.uuid7(),
        merchant_id=merchant_id,
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


def _judge_new(case: Case, dossier: Dossier, request: RefundRequest, *, at: datetime) -> list[events.Happening]:
    claims = claiming.claims_of(dossier, request.items) if dossier.order else []
    seen = _times_seen(case, request, at=at)
    hearing = judging.hear(
        case,
        dossier,
        claims,
        order_answer=judging.answer_for(request.channel, OrderStatus.NOT_FOUND),
        photo_count=len(seen),
        photos_seen_before=sum(count > 0 for count in seen),
    )
    settling.write_down(case, hearing.verdict, at=at)
    case.amount_requested_minor = hearing.facts.amount_requested_minor
    _insert(case)
    _insert_lines(case, claims, hearing.amounts)
    _insert_photos(case, request, seen, at=at)
    return judging.settle_first(case, dossier, claims, hearing, at=at)


_CASE = """
INSERT INTO refunds_case (id, merchant_id, number, order_id, order_number, email, country, channel, locale, state,
    goods_state, reason, words, items, currency, amount_requested_minor, amount_minor, shipping_granted_minor,
    reason_code, rule, explanation, asks, appeals, requested_at, judged_as_of, decided_at, wake_at, waits_for,
    fence, tries)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::text[], 0, %s, %s, %s,
    %s, %s, 0, 0)
"""
_LINES = """
INSERT INTO refunds_caseline (id, merchant_id, case_id, order_line_id, quantity, amount_requested_minor, amount_minor)
SELECT w.id, %s, %s, w.line_id, w.quantity, w.amount_minor, 0
  FROM unnest(%s::uuid[], %s::uuid[], %s::int[], %s::bigint[]) AS w (id, line_id, quantity, amount_minor)
"""


def _insert(case: Case) -> None:
    values = [
        *(case.id, case.merchant_id, case.number, case.order_id, case.order_number, case.email, case.country),
        *(case.channel, case.locale, str(case.state), str(case.goods_state), case.reason, case.words),
        *(judging.as_json(case.items), case.currency, case.amount_requested_minor, case.amount_minor),
        *(case.shipping_granted_minor, case.reason_code, case.rule, case.explanation, case.asks, case.requested_at),
        *(case.judged_as_of, case.decided_at, case.wake_at, case.waits_for),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_CASE, values)


def _insert_lines(case: Case, claims: Sequence[claiming.LineClaim], amounts: Sequence[int]) -> None:
    if not claims:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _LINES,
            [
                case.merchant_id,
                case.id,
                [ids.uuid7() for _ in claims],
                [claim.line.id for claim in claims],
                [claim.quantity for claim in claims],
                list(amounts),
            ],
        )


def _times_seen(case: Case, request: RefundRequest, *, at: datetime) -> list[int]:
    return [showing.times_seen(photo, merchant_id=case.merchant_id, case_id=case.id, at=at) for photo in request.photos]


def _insert_photos(case: Case, request: RefundRequest, seen: Sequence[int], *, at: datetime) -> None:
    showing.write_photos(request.photos, seen, merchant_id=case.merchant_id, case_id=case.id, at=at)


def _stored_item(item: WantedItem) -> dict[str, object]:
    told = {
        "line_id": str(item.line_id) if item.line_id else None,
        "position": item.position,
        "sku": item.sku,
        "unit_price_minor": item.unit_price_minor,
        "quantity": item.quantity,
    }
    return {name: value for name, value in told.items() if value is not None}
