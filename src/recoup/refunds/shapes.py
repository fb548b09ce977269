"""What the JSON API shows of a refund. The bytes are written by `api.render`; tests hold them to these shapes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from recoup.access.doors import Strict
from recoup.payments.states import PayoutState
from recoup.refunds.four_eyes import Why
from recoup.refunds.policy import Reason
from recoup.refunds.states import CaseState, GoodsState

Minor = Annotated[int, Field(description="in minor units of `currency`")]


class RefundOut(Strict):
    """A refund case. Four clocks say how far it is: requested, decided, initiated (sent), credited."""

    id: UUID
    number: Annotated[str, Field(description="what people call it: `RC-` and eight letters or digits")]
    order_number: str
    state: CaseState
    goods_state: GoodsState
    reason: Reason
    currency: Annotated[str | None, Field(description="ISO 4217; null while the order is not known")]
    amount_requested_minor: Minor
    amount_minor: Annotated[int, Field(description="what is granted, in minor units of `currency`")]
    reason_code: Annotated[str | None, Field(description="why it was decided so, for machines")]
    rule: Annotated[str | None, Field(description="the rule of the policy that decided")]
    explanation: Annotated[str, Field(description="the same in words for the shopper")]
    asks: Annotated[list[str], Field(description="what is still missing, as codes")]
    is_granted: Annotated[bool, Field(description="money is promised or paid")]
    is_decided: Annotated[bool, Field(description="no decision is to come, unless somebody appeals")]
    requested_at: datetime
    decided_at: datetime | None
    initiated_at: Annotated[datetime | None, Field(description="the provider has accepted the money's way back")]
    credited_at: Annotated[datetime | None, Field(description="the money is there; null where the rail never tells")]
    closed_at: datetime | None


class RefundLineOut(Strict):
    """What was asked for of one line of the order, and what is granted."""

    line_id: UUID
    quantity: int
    quantity_granted: int
    amount_requested_minor: int
    amount_minor: int


class PayoutOut(Strict):
    """One leg of the money's way back: a refund of one payment at its provider."""

    id: UUID
    state: PayoutState
    amount_minor: int
    currency: str
    method: str
    label: str
    speed: Annotated[str, Field(description="how long this way takes")]
    reference: Annotated[str | None, Field(description="the bank's own, by which the money can be traced")]
    failure_code: str | None
    reserved_at: datetime
    submitted_at: datetime | None
    accepted_at: datetime | None
    finished_at: datetime | None
    next_at: datetime | None
    is_parked: Annotated[bool, Field(description="nothing more happens until a person decides")]


class HappeningOut(Strict):
    """Something that happened: what, when, and what kind of actor it was by."""

    kind: str
    at: datetime
    by: str


class RefundInFullOut(RefundOut):
    """A refund case with its lines, its payouts, and everything that happened to it, oldest first."""

    lines: list[RefundLineOut]
    payouts: list[PayoutOut]
    timeline: list[HappeningOut]


class HalfApprovalOut(Strict):
    """A yes that is kept until a second person says the same."""

    code: Annotated[str, Field(description="always `second_approver_needed`")]
    detail: str
    whys: Annotated[list[Why], Field(description="why one yes is not enough")]
    people_needed: Annotated[int, Field(description="how many different people it takes; a key is none of them")]
    amount_minor: Annotated[int, Field(description="what would be paid, in minor units of `currency`")]
    currency: str
    said_at: datetime


class HalfApprovedOut(RefundOut):
    """A refund case that waits for a second person."""

    approval: HalfApprovalOut


class RefundsOut(Strict):
    """A page of refunds, newest first; `next_cursor` is null on the last one."""

    data: list[RefundOut]
    next_cursor: str | None
