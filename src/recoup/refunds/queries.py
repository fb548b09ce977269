"""Reading cases, for the API and for pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from recoup.access import tenancy
from recoup.kernel import units
from recoup.kernel.errors import Invalid, NotFound
from recoup.payments import queries as payments
from recoup.refunds import claims as claiming
from recoup.refunds import dossier as dossiers
from recoup.refunds import granting, judging, showing
from recoup.refunds.four_eyes import Why
from recoup.refunds.granting import Approval, AskedLine, Grantable
from recoup.refunds.half_approved import (
    MayApprove,
    Outlook,
    SaidYes,
    limit_of,
    names_of,
    outlook,
    people_who_approve,
    who_said_yes,
    yeses_that_wait,
)
from recoup.refunds.holding import Holding, holding_of
from recoup.refunds.inbox import Sought, Waiting, as_waiting, inbox, most_urgent
from recoup.refunds.models import Case, CaseLine, Decision, Photo
from recoup.refunds.own_cases import OwnCase, cases_of
from recoup.refunds.policy import OrderStatus, Verdict
from recoup.refunds.requests import LineGrant, RefundRequest
from recoup.refunds.saying_yes import SECOND_PERSON
from recoup.refunds.searching import Place, Wanted, count_cases, every_case, search_cases
from recoup.refunds.states import GRANTED, UNDECIDED, CaseState, GoodsState
from recoup.refunds.views import CaseView, view_of

__all__ = [
    "SECOND_PERSON",
    "Approval",
    "AskedLine",
    "Grantable",
    "MayApprove",
    "Outlook",
    "OwnCase",
    "Place",
    "SaidYes",
    "Sought",
    "Waiting",
    "Wanted",
    "Why",
    "as_waiting",
    "can_be_granted",
    "case_by_id",
    "case_in_full",
    "cases_of",
    "count_cases",
    "count_facts_since",
    "every_case",
    "facts_after",
    "find_by_number",
    "first_facts_since",
    "inbox",
    "last_decision",
    "limit_of",
    "lines_of_case",
    "most_urgent",
    "names_of",
    "outlook",
    "page_of_cases",
    "people_who_approve",
    "photos_of_case",
    "plain",
    "preview",
    "preview_approval",
    "search_cases",
    "timeline",
    "who_said_yes",
    "yeses_that_wait",
]


@tenancy.query
def case_by_id(*, merchant_id: UUID, case_id: UUID) -> CaseView:
    """One case. Raises NotFound."""
    case = Case.objects.filter(id=case_id).first()
    if case is None:
        raise NotFound("There is no such refund")
    return view_of(case)


def find_by_number(number: str) -> tuple[UUID, UUID] | None:
    """(merchant_id, case_id) of a case number, whoever asks: only for a door that then proves the right to see it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT merchant_id, case_id FROM refunds_find_case(%s)", [number])
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


@tenancy.query
def page_of_cases(
    *,
    merchant_id: UUID,
    before: UUID | None,
    limit: int,
    state: str | None = None,
    order_number: str | None = None,
    reason: str | None = None,
) -> list[CaseView]:
    """Newest first, beginning before the id `before` (ids are time-ordered). Raises Invalid for an unknown state."""
    found = Case.objects.filter(merchant_id=merchant_id).order_by("-id")
    if before is not None:
        found = found.filter(id__lt=before)
    if state is not None:
        if state not in set(CaseState):
            raise Invalid(f"There is no state {state}; there are {', '.join(CaseState)}")
        found = found.filter(state=state)
    if order_number is not None:
        found = found.filter(order_number=order_number)
    if reason is not None:
        found = found.filter(reason=reason)
    return [view_of(case) for case in found[:limit]]


@tenancy.query
def lines_of_case(*, merchant_id: UUID, case_id: UUID) -> list[dict[str, Any]]:
    """What was asked for and what is granted, line by line."""
    rows = CaseLine.objects.filter(case_id=case_id).order_by("id")
    return [
        {
            "line_id": str(row.order_line_id),
            "quantity": row.quantity,
            "quantity_granted": units.count(row.units),
            "amount_requested_minor": row.amount_requested_minor,
            "amount_minor": row.amount_minor,
        }
        for row in rows
    ]


@tenancy.query
def last_decision(*, merchant_id: UUID, case_id: UUID) -> Decision | None:
    """The newest stored decision with its facts and verdict."""
    return Decision.objects.filter(case_id=case_id).order_by("-at", "-id").first()


@tenancy.query
def photos_of_case(*, merchant_id: UUID, case_id: UUID) -> list[Photo]:
    """The photos, in the order in which they came."""
    return list(Photo.objects.filter(case_id=case_id).order_by("added_at", "id"))


@tenancy.query
def timeline(*, merchant_id: UUID, case_id: UUID) -> list[dict[str, Any]]:
    """The events of the case and of its payouts, oldest first: kind, at, actor, data."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, at, actor, data::text FROM events_event WHERE subject_id = %s OR subject_id IN"
            " (SELECT id FROM payments_payout WHERE case_id = %s) ORDER BY at, id",
            [case_id, case_id],
        )
        rows = cursor.fetchall()
    return [{"kind": kind, "at": at, "actor": actor.partition(":")[0], "data": data} for kind, at, actor, data in rows]


@tenancy.query
def case_in_full(*, merchant_id: UUID, case_id: UUID) -> dict[str, Any]:
    """Everything the API shows of one case. Raises NotFound."""
    case = case_by_id(merchant_id=merchant_id, case_id=case_id)
    events = timeline(merchant_id=merchant_id, case_id=case_id)
    return {
        **plain(case),
        "lines": lines_of_case(merchant_id=merchant_id, case_id=case_id),
        "payouts": payments.payouts_of_case(merchant_id=merchant_id, case_id=case_id),
        "timeline": [{"kind": event["kind"], "at": event["at"], "by": event["actor"]} for event in events],
    }


@tenancy.query
def can_be_granted(*, merchant_id: UUID, case_id: UUID, at: datetime) -> Grantable:
    """What a yes can pay of the case as everything stands now. Raises NotFound."""
    case, dossier, held = _on_the_desk(case_id, merchant_id=merchant_id, at=at)
    lines = granting.asked_lines(case, dossier)
    return Grantable(
        currency=dossier.order.currency if dossier.order else case.currency,
        lines=tuple(lines),
        delivery_minor=granting.delivery_left_minor(dossier),
        delivery_granted_minor=case.shipping_granted_minor,
        kept_back_minor=granting.kept_back_minor(case, lines, held),
    )


@tenancy.query
def preview_approval(
    *,
    merchant_id: UUID,
    case_id: UUID,
    at: datetime,
    lines: Sequence[LineGrant] | None = None,
    with_delivery: bool = False,
    with_kept_back: bool = False,
) -> Approval:
    """What `actions.approve` with these words would pay now. Changes nothing. Raises NotFound, NoSuchLine, Invalid."""
    case, dossier, held = _on_the_desk(case_id, merchant_id=merchant_id, at=at)
    return granting.approval(
        case, dossier, held, grants=lines, with_delivery=with_delivery, with_kept_back=with_kept_back
    )


def _on_the_desk(case_id: UUID, *, merchant_id: UUID, at: datetime) -> tuple[Case, dossiers.Dossier, Holding]:
    case = Case.objects.filter(id=case_id).first()
    if case is None:
        raise NotFound("There is no such refund")
    dossier = dossiers.read(merchant_id=merchant_id, order_number=case.order_number, at=at, but=case.id, lock=False)
    return case, dossier, holding_of(case)


@tenancy.query
def preview(request: RefundRequest, *, merchant_id: UUID, at: datetime) -> tuple[Verdict, list[claiming.LineClaim]]:
    """What would be decided if the request were submitted now. Changes nothing. Raises NoSuchLine."""
    dossier = dossiers.read(merchant_id=merchant_id, order_number=request.order_number, at=at, lock=False)
    claims = claiming.claims_of(dossier, request.items) if dossier.order else []
    case = Case(
        merchant_id=merchant_id,
        email=request.email,
        reason=request.reason,
        words=request.words,
        goods_state=GoodsState.NOT_REQUIRED,
        requested_at=at,
        judged_as_of=request.as_of,
    )
    seen = [showing.times_seen(photo, merchant_id=merchant_id, case_id=case.id, at=at) for photo in request.photos]
    hearing = judging.hear(
        case,
        dossier,
        claims,
        order_answer=OrderStatus.UNKNOWN,
        photo_count=len(seen),
        photos_seen_before=sum(count > 0 for count in seen),
    )
    return hearing.verdict, claims


def plain(case: CaseView) -> dict[str, Any]:
    """The case in the API's words. `is_final`: nothing more will be decided unless somebody appeals."""
    return {
        "id": case.id,
        "number": case.number,
        "order_number": case.order_number,
        "state": case.state,
        "goods_state": case.goods_state,
        "reason": case.reason,
        "currency": case.currency or None,
        "amount_requested_minor": case.amount_requested_minor,
        "amount_minor": case.amount_minor,
        "reason_code": case.reason_code or None,
        "rule": case.rule or None,
        "explanation": case.explanation,
        "asks": case.asks,
        "is_granted": case.state in GRANTED or (case.state == CaseState.CLOSED and case.amount_minor > 0),
        "is_decided": case.state not in UNDECIDED,
        "requested_at": case.requested_at,
        "decided_at": case.decided_at,
        "initiated_at": case.initiated_at,
        "credited_at": case.credited_at,
        "closed_at": case.closed_at,
    }


@tenancy.query
def first_facts_since(*, merchant_id: UUID, since: datetime) -> list[tuple[str, dict[str, Any]]]:
    """(case number, stored facts) of every case asked for since then, by its first decision, oldest first."""
    rows = (
        Decision.objects.filter(merchant_id=merchant_id, case__requested_at__gte=since, by="policy")
        .order_by("case_id", "at")
        .distinct("case_id")
        .values_list("case__number", "facts")
    )
    return list(rows)


@tenancy.query
def facts_after(
    *, merchant_id: UUID, since: datetime, after: UUID | None, many: int
) -> list[tuple[UUID, str, dict[str, Any]]]:
    """(case id, number, stored facts) as `first_facts_since`, of the next `many` cases after that one."""
    rows = Decision.objects.filter(merchant_id=merchant_id, case__requested_at__gte=since, by="policy")
    if after is not None:
        rows = rows.filter(case_id__gt=after)
    ordered = rows.order_by("case_id", "at").distinct("case_id")
    return list(ordered.values_list("case_id", "case__number", "facts")[:many])


@tenancy.query
def count_facts_since(*, merchant_id: UUID, since: datetime) -> int:
    """How many cases `first_facts_since` would give."""
    rows = Decision.objects.filter(merchant_id=merchant_id, case__requested_at__gte=since, by="policy")
    return rows.values("case_id").distinct().count()
