"""Refund cases through the JSON API: ask, look, show more, withdraw, appeal; and for reviewers, decide."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field, model_validator

from recoup.access import documented, doors, idempotency, pages
from recoup.access.principals import Kind
from recoup.kernel import clock
from recoup.kernel.crashpoints import crashpoint
from recoup.kernel.errors import Invalid
from recoup.payments.transactional import OverRefund
from recoup.refunds import actions, for_guests, queries, shapes
from recoup.refunds.actions import (
    AlreadyRefunded,
    MayNotApprove,
    MoveNotAllowed,
    NoSuchLine,
    NotYourOwn,
    OnlyInPractice,
    SamePerson,
)
from recoup.refunds.actions.appeal import NoFurtherAppeal
from recoup.refunds.policy import Reason
from recoup.refunds.requests import LineGrant, RefundRequest, Remember, WantedItem
from recoup.refunds.states import CaseState, GoodsState
from recoup.refunds.views import CaseView

router = Router(tags=["refunds"])

#: Nobody traded like this before; an earlier date is a mistake.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)

Text = Annotated[str, Field(max_length=4000)]
OrderNumber = Annotated[str, Field(min_length=1, max_length=100)]


class Item(doors.Strict):
    """Units of one line: by `line_id`, by `position` (from 1) or by `sku`; exactly one of them."""

    quantity: Annotated[int, Field(ge=1, le=10_000_000)]
    line_id: Annotated[UUID, Field(strict=False)] | None = None
    position: Annotated[int, Field(ge=1, le=100_000)] | None = None
    sku: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    unit_price_minor: Annotated[int, Field(ge=0, le=10**15)] | None = None

    @model_validator(mode="after")
    def _one_name(self) -> Item:
        if sum(name is not None for name in (self.line_id, self.position, self.sku)) != 1:
            raise ValueError("name the line by exactly one of line_id, position, sku")
        return self


class RefundIn(doors.Strict):
    """A request. Without items it asks for everything that is left of the order."""

    order_number: OrderNumber
    reason: Annotated[Reason, Field(strict=False)]
    items: Annotated[list[Item], Field(max_length=2000)] = []
    words: Text = ""
    email: Annotated[str, Field(max_length=254)] = ""
    locale: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Za-z]{2,8})?$")] = "en"
    goods_received: bool = False
    judged_as_of: doors.Moment | None = None


class WordsIn(doors.Strict):
    """One text."""

    words: Annotated[str, Field(min_length=1, max_length=4000)]


class GrantIn(doors.Strict):
    """What is paid of one line of the case, in all: so many of the asked units, at their worth or at `amount_minor`."""

    line_id: Annotated[UUID, Field(strict=False)]
    quantity: Annotated[int, Field(ge=1, le=10_000_000)]
    amount_minor: Annotated[int, Field(ge=1, le=10**15)] | None = None


class ApproveIn(doors.Strict):
    """Without `lines`, everything asked for is paid. Units that `lines` does not name stay free for a later case."""

    lines: Annotated[list[GrantIn], Field(max_length=2000)] | None = None
    with_delivery: bool = False
    with_kept_back: bool = False
    note: Text = ""


class AskIn(doors.Strict):
    """What is missing, as codes and in words for the shopper."""

    asks: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=10)] = []
    words: Annotated[str, Field(min_length=1, max_length=4000)]


class GradeIn(doors.Strict):
    """How the goods came back."""

    grade: Annotated[GoodsState, Field(strict=False)]


_DECIDING = documented.tells(NoSuchLine, MoveNotAllowed, NotYourOwn, AlreadyRefunded, OverRefund)
_MOVING = documented.tells(MoveNotAllowed)


@router.post(
    "",
    auth=doors.asks("cases:file"),
    response={201: shapes.RefundOut},
    summary="Ask for a refund",
    operation_id="create_refund",
    openapi_extra=documented.tells(
        NoSuchLine,
        OnlyInPractice,
        AlreadyRefunded,
        OverRefund,
        idempotency.StillRunning,
        idempotency.KeyReused,
        parameters=[documented.IDEMPOTENCY_KEY],
    ),
)
def create(request: HttpRequest, body: RefundIn) -> HttpResponse:
    """201 with the case. The same Idempotency-Key and body give the same bytes again."""
    who = doors.principal(request)
    doors.no_query(request)
    remember = Remember(
        key=doors.idempotency_key(request),
        request_hash=idempotency.hash_of(path=request.path, body=request.body),
        render=render,
    )
    result = actions.submit(
        request=_request(body), merchant_id=who.company, by=who.actor, at=clock.now(), remember=remember
    )
    crashpoint("web_after_commit")
    if isinstance(result, idempotency.Stored):
        replayed = _json(result.body, status=result.status)
        replayed["Idempotent-Replayed"] = "true"
        return replayed
    return _json(render(result), status=201)


@router.get(
    "",
    auth=doors.asks("cases:read"),
    response={200: shapes.RefundsOut},
    summary="List refunds, newest first",
    operation_id="list_refunds",
    openapi_extra=documented.tells(
        parameters=[
            *documented.PAGE,
            documented.query("state", "Only those in this state.", type="string", enum=list(CaseState)),
            documented.query("order_number", "Only those of this order.", type="string", example="MH-1005"),
        ],
    ),
)
def index(request: HttpRequest) -> HttpResponse:
    """A page at a time; ask on with `next_cursor` until it is null."""
    who = doors.principal(request)
    doors.no_query(request, "cursor", "limit", "state", "order_number")
    before, limit = pages.place(request)
    rows = queries.page_of_cases(
        merchant_id=who.company,
        before=before,
        limit=limit + 1,
        state=request.GET.get("state"),
        order_number=request.GET.get("order_number"),
    )
    listed = pages.page([_plain(row) for row in rows], [row.id for row in rows], limit=limit)
    return _json(orjson.dumps(listed))


@router.get(
    "/{case_id}",
    auth=doors.asks("cases:read"),
    response={200: shapes.RefundInFullOut},
    summary="One refund with its payouts and timeline",
    operation_id="get_refund",
)
def show(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """404 for an unknown case and for somebody else's alike."""
    who = doors.principal(request)
    doors.no_query(request)
    read = for_guests.case_for_guest if who.kind is Kind.GUEST else queries.case_in_full
    return _json(orjson.dumps(read(merchant_id=who.company, case_id=case_id)))


@router.post(
    "/{case_id}/withdraw",
    auth=doors.asks("cases:withdraw"),
    response={200: shapes.RefundOut},
    summary="Withdraw a request",
    operation_id="withdraw_refund",
    openapi_extra=_MOVING,
)
def withdraw(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Before it is decided; and afterwards as long as none of the money was sent."""
    who = doors.principal(request)
    return _case(actions.withdraw(merchant_id=who.company, case_id=case_id, by=who.actor, at=clock.now()))


@router.post(
    "/{case_id}/appeal",
    auth=doors.asks("cases:appeal"),
    response={200: shapes.RefundOut},
    summary="Disagree with a rejection",
    operation_id="appeal_refund",
    openapi_extra=documented.tells(MoveNotAllowed, NoFurtherAppeal),
)
def appeal(request: HttpRequest, case_id: UUID, body: WordsIn) -> HttpResponse:
    """A person looks again."""
    who = doors.principal(request)
    return _case(
        actions.appeal(merchant_id=who.company, case_id=case_id, words=body.words, by=who.actor, at=clock.now())
    )


@router.post(
    "/{case_id}/approve",
    auth=doors.asks("cases:approve"),
    response={200: shapes.RefundOut, 202: shapes.HalfApprovedOut},
    summary="Approve (reviewers)",
    operation_id="approve_refund",
    openapi_extra=documented.tells(
        NoSuchLine, MoveNotAllowed, MayNotApprove, NotYourOwn, SamePerson, AlreadyRefunded, OverRefund
    ),
)
def approve(request: HttpRequest, case_id: UUID, body: ApproveIn) -> HttpResponse:
    """Reserves the money; the vault sends it. 202 when it takes a second person: the yes is kept, nothing is paid.

    Saying the same again gives the same answer and changes nothing.
    """
    who, at = doors.principal(request), clock.now()
    case = actions.approve(
        merchant_id=who.company,
        case_id=case_id,
        by=who.actor,
        at=at,
        by_email=who.email,
        lines=None if body.lines is None else [LineGrant(**line.model_dump()) for line in body.lines],
        with_delivery=body.with_delivery,
        with_kept_back=body.with_kept_back,
        note=body.note,
    )
    if case.waits_for != queries.SECOND_PERSON:
        return _case(case)
    said = queries.yeses_that_wait(merchant_id=who.company, case_id=case_id, at=at)
    mine = next(yes for yes in said if yes.actor == who.actor)
    return _json(orjson.dumps({**_plain(case), "approval": _half(mine)}), status=202)


@router.post(
    "/{case_id}/reject",
    auth=doors.asks("cases:reject"),
    response={200: shapes.RefundOut},
    summary="Reject (reviewers)",
    operation_id="reject_refund",
    openapi_extra=_DECIDING,
)
def reject(request: HttpRequest, case_id: UUID, body: WordsIn) -> HttpResponse:
    """The words are what the shopper reads."""
    who = doors.principal(request)
    return _case(
        actions.reject(merchant_id=who.company, case_id=case_id, reason=body.words, by=who.actor, at=clock.now())
    )


@router.post(
    "/{case_id}/ask-evidence",
    auth=doors.asks("cases:ask-evidence"),
    response={200: shapes.RefundOut},
    summary="Ask for evidence (reviewers)",
    operation_id="ask_evidence",
    openapi_extra=_MOVING,
)
def ask_evidence(request: HttpRequest, case_id: UUID, body: AskIn) -> HttpResponse:
    """The shopper has 14 days."""
    who = doors.principal(request)
    return _case(
        actions.ask_evidence(
            merchant_id=who.company, case_id=case_id, asks=body.asks, words=body.words, by=who.actor, at=clock.now()
        )
    )


@router.post(
    "/{case_id}/goods",
    auth=doors.asks("cases:grade-goods"),
    response={200: shapes.RefundOut},
    summary="Say how the goods came back",
    operation_id="grade_goods",
    openapi_extra=_DECIDING,
)
def goods(request: HttpRequest, case_id: UUID, body: GradeIn) -> HttpResponse:
    """`graded_ok` leads to the money; every other grade to a person."""
    who = doors.principal(request)
    return _case(
        actions.grade_goods(merchant_id=who.company, case_id=case_id, grade=body.grade, by=who.actor, at=clock.now())
    )


def render(case: CaseView) -> bytes:
    """The case as the API says it."""
    return orjson.dumps(_plain(case))


def _plain(case: CaseView) -> dict[str, Any]:
    return queries.plain(case)


def _half(yes: queries.SaidYes) -> dict[str, Any]:
    return {
        "code": "second_approver_needed",
        "detail": "Your yes is kept, and nothing is paid yet: it takes a second person who may approve this much",
        "whys": list(yes.whys),
        "people_needed": yes.people_needed,
        "amount_minor": yes.amount_minor,
        "currency": yes.currency,
        "said_at": yes.at,
    }


def _case(case: CaseView) -> HttpResponse:
    return _json(render(case))


def _json(body: bytes, *, status: int = 200) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json")


def _request(body: RefundIn) -> RefundRequest:
    return RefundRequest(
        order_number=body.order_number,
        reason=body.reason.value,
        channel="api",
        items=[WantedItem(**item.model_dump()) for item in body.items],
        words=body.words,
        email=body.email.lower(),
        locale=body.locale,
        goods_received=body.goods_received,
        as_of=_day_of_trade(body.judged_as_of),
    )


def _day_of_trade(as_of: datetime | None) -> datetime | None:
    """The date to judge by, in UTC: other offsets than people live in are refused by the database."""
    if as_of is None:
        return None
    if as_of > clock.now():
        raise Invalid("judged_as_of lies in the future")
    if as_of < EARLIEST:
        raise Invalid(f"judged_as_of lies before {EARLIEST:%Y-%m-%d}")
    return as_of.astimezone(UTC)
