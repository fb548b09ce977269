"""Making a verdict true: the case's new state, its decision, the claimed units, the reserved money, the events.

All of it in the caller's transaction. The guards of order lines, delivery and captures are in the statements, so a race
that the row lock did not prevent is refused by the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from recoup.events.transactional import Happening
from recoup.kernel import ids, units
from recoup.kernel.errors import Refusal
from recoup.kernel.rows import Json, as_rows, insert_into
from recoup.payments import transactional as payments
from recoup.refunds.claims import LineClaim
from recoup.refunds.dossier import Dossier
from recoup.refunds.models import Case
from recoup.refunds.policy import Facts, Outcome, Verdict, in_words
from recoup.refunds.states import GRANTED, CaseState, GoodsState

PROMISE = timedelta(minutes=5)
EVIDENCE_WAITS = timedelta(days=14)
GOODS_WAIT = timedelta(days=30)
REVIEW_TAKES = timedelta(days=1)

STATE_OF: dict[Outcome, CaseState] = {
    Outcome.APPROVE: CaseState.APPROVED,
    Outcome.APPROVE_PARTLY: CaseState.PARTLY_APPROVED,
    Outcome.REJECT: CaseState.REJECTED,
    Outcome.ASK_EVIDENCE: CaseState.NEEDS_EVIDENCE,
    Outcome.ASK_GOODS: CaseState.AWAITING_RETURN,
    Outcome.ASK_PERSON: CaseState.IN_REVIEW,
}


class AlreadyRefunded(Refusal):
    """Somebody else's request took these units first. Nothing was changed."""

    code = "already_refunded"
    title = "These units are refunded or promised already"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedLine:
    """Units of a line and what is paid for them."""

    claim: LineClaim
    amount_minor: int


def granted_lines(claims: Sequence[LineClaim], verdict: Verdict) -> list[GrantedLine]:
    """What the verdict pays, line by line."""
    if not verdict.grants:
        return []
    by_id = {line.line_id: line for line in verdict.lines}
    lines = []
    for claim in claims:
        line = by_id.get(str(claim.line.id))
        if line is not None and line.total_minor > 0:
            lines.append(GrantedLine(claim=claim, amount_minor=line.total_minor))
    return lines


def write_down(case: Case, verdict: Verdict, *, at: datetime) -> None:
    """The case carries the verdict's answer afterwards (not saved yet)."""
    state = STATE_OF[verdict.outcome]
    case.state = state
    case.currency = verdict.currency if verdict.currency != "XXX" else ""
    case.amount_minor = verdict.total_minor
    case.shipping_granted_minor = verdict.shipping_minor + verdict.shipping_tax_minor if verdict.grants else 0
    case.reason_code, case.rule = verdict.reason_code, verdict.rule
    case.explanation = in_words(verdict)
    case.asks = list(verdict.asks)
    case.decided_at = at if state in GRANTED or state is CaseState.REJECTED else None
    case.wake_at, case.waits_for = _deadline(state, at)
    if state is CaseState.AWAITING_RETURN and case.goods_state == GoodsState.NOT_REQUIRED:
        case.goods_state = GoodsState.AWAITING


def _deadline(state: CaseState, at: datetime) -> tuple[datetime | None, str]:
    if state is CaseState.NEEDS_EVIDENCE:
        return at + EVIDENCE_WAITS, "evidence"
    if state is CaseState.AWAITING_RETURN:
        return at + GOODS_WAIT, "goods"
    if state in (CaseState.IN_REVIEW, CaseState.APPEALED):
        return at + REVIEW_TAKES, "person"
    return None, ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A verdict on a case with everything it was reached from."""

    case: Case
    facts: Facts
    verdict: Verdict
    by: str
    policy_version_id: UUID | None
    at: datetime
    note: str = ""


_KEEP = insert_into(
    "refunds_decision",
    ("id", "merchant_id", "case_id", "at", "by", "policy_version_id", "facts", "verdict", "note"),
)


def keep_decisions(decisions: Sequence[Decided]) -> None:
    """Facts and verdicts are stored: `explain` replays them for ever."""
    rows = [
        {
            "id": ids.uuid7(),
            "merchant_id": decided.case.merchant_id,
            "case_id": decided.case.id,
            "at": decided.at,
            "by": decided.by,
            "policy_version_id": decided.policy_version_id,
            "facts": Json(decided.facts.to_json()),
            "verdict": Json(decided.verdict.to_json()),
            "note": decided.note,
        }
        for decided in decisions
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, [as_rows(rows)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a case is given: units of its lines, and `amount_minor` in all (delivery's part within).

    Nothing is sent for the first `undo_s` seconds.
    """

    case: Case
    dossier: Dossier
    lines: Sequence[GrantedLine]
    amount_minor: int
    delivery_minor: int
    at: datetime
    undo_s: int = 0


_CLAIM = """
UPDATE orders_orderline l SET claimed_units = l.claimed_units + wanted.spans
  FROM unnest(%s::uuid[], %s::int4multirange[]) AS wanted (line_id, spans)
 WHERE l.id = wanted.line_id AND NOT l.claimed_units && wanted.spans
"""
_CLAIM_DELIVERY = """
UPDATE orders_order o SET shipping_claimed_minor = o.shipping_claimed_minor + wanted.amount_minor
  FROM unnest(%s::uuid[], %s::bigint[]) AS wanted (order_id, amount_minor)
 WHERE o.id = wanted.order_id
   AND o.shipping_claimed_minor + wanted.amount_minor <= o.shipping_minor + o.shipping_tax_minor
"""
_WRITE_UNITS = """
UPDATE refunds_caseline c SET units = c.units + wanted.spans, amount_minor = c.amount_minor + wanted.amount_minor
  FROM unnest(%s::uuid[], %s::int4multirange[], %s::bigint[]) AS wanted (line_id, spans, amount_minor)
 WHERE c.case_id = %s AND c.order_line_id = wanted.line_id
"""


def reserve(
    case: Case,
    dossier: Dossier,
    lines: Sequence[GrantedLine],
    *,
    amount_minor: int,
    delivery_minor: int,
    at: datetime,
) -> None:
    """The granted units are written on the case's lines, claimed, and `amount_minor` is reserved.

    Raises AlreadyRefunded, OverRefund; the transaction must then end without a commit.
    """
    if lines:
        values: list[Any] = [
            [line.claim.line.id for line in lines],
            [units.to_sql(line.claim.spans) for line in lines],
            [line.amount_minor for line in lines],
            case.id,
        ]
        with connection.cursor() as cursor:
            cursor.execute(_WRITE_UNITS, values)
    grant = Grant(
        case=case, dossier=dossier, lines=lines, amount_minor=amount_minor, delivery_minor=delivery_minor, at=at
    )
    reserve_together([grant])


def reserve_together(grants: Sequence[Grant]) -> None:
    """Units and delivery of every grant are claimed and its money reserved, in captures and books. The orders differ.

    The units stand on the cases' lines already. Raises as `reserve`.
    """
    lines = [line for grant in grants for line in grant.lines]
    delivered = [grant for grant in grants if grant.delivery_minor]
    with connection.cursor() as cursor:
        if lines:
            spans = [units.to_sql(line.claim.spans) for line in lines]
            cursor.execute(_CLAIM, [[line.claim.line.id for line in lines], spans])
            if cursor.rowcount != len(lines):
                raise AlreadyRefunded
        if delivered:
            amounts = [grant.delivery_minor for grant in delivered]
            cursor.execute(_CLAIM_DELIVERY, [[grant.case.order_id for grant in delivered], amounts])
            if cursor.rowcount != len(delivered):
                raise AlreadyRefunded("Delivery has been refunded already")
    payments.reserve([_promise(grant) for grant in grants])


def _promise(grant: Grant) -> payments.Promise:
    case, at = grant.case, grant.at
    return payments.Promise(
        merchant_id=case.merchant_id,
        case_id=case.id,
        legs=payments.plan(
            amount_minor=grant.amount_minor, sources=grant.dossier.sources, strategy=grant.dossier.tender_strategy
        ),
        at=at,
        due_at=max(case.requested_at, at - PROMISE) + PROMISE,
        send_at=at + timedelta(seconds=grant.undo_s),
    )


_RELEASE_UNITS = """
WITH freed AS (
    UPDATE refunds_caseline c SET units = '{}', amount_minor = 0
      FROM (SELECT id, units FROM refunds_caseline WHERE case_id = %s) was
     WHERE c.id = was.id AND NOT isempty(was.units)
    RETURNING c.order_line_id, was.units
)
UPDATE orders_orderline l SET claimed_units = l.claimed_units - freed.units FROM freed WHERE l.id = freed.order_line_id
"""
_RELEASE_DELIVERY = "UPDATE orders_order SET shipping_claimed_minor = shipping_claimed_minor - %s WHERE id = %s"


def release(case: Case) -> None:
    """Units and delivery of a case whose money will not move are free again."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE_UNITS, [case.id])
        if case.shipping_granted_minor:
            cursor.execute(_RELEASE_DELIVERY, [case.shipping_granted_minor, case.order_id])
    case.shipping_granted_minor = 0


def happening(case: Case, kind: str, *, by: str, at: datetime, **data: Any) -> Happening:
    """An event about the case."""
    return Happening(merchant_id=case.merchant_id, at=at, kind=kind, subject_id=case.id, actor=by, data=data)


def of_state(case: Case, *, by: str, at: datetime, **data: Any) -> Happening:
    """The event that tells the case's present state, with amount and reason code."""
    return happening(
        case,
        f"case.{case.state}",
        by=by,
        at=at,
        amount_minor=case.amount_minor,
        currency=case.currency,
        reason_code=case.reason_code,
        **data,
    )
