"""What Recoup answers, as frozen dataclasses. A member that a newer Recoup adds is left out; none is ever guessed."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from recoup_client.errors import NotUnderstood

Model = TypeVar("Model")


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Whose key it is. `is_practice`: no real money moves."""

    id: UUID
    slug: str
    name: str
    country: str
    currency: str
    is_practice: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A refund case. Amounts in minor units of `currency`; the four clocks say how far it is."""

    id: UUID
    number: str
    order_number: str
    state: str
    goods_state: str
    reason: str
    currency: str | None
    amount_requested_minor: int
    amount_minor: int
    reason_code: str | None
    rule: str | None
    explanation: str
    asks: tuple[str, ...]
    is_granted: bool
    is_decided: bool
    requested_at: datetime
    decided_at: datetime | None
    initiated_at: datetime | None
    credited_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLine:
    """What was asked for of one line of the order, and what is granted."""

    line_id: UUID
    quantity: int
    quantity_granted: int
    amount_requested_minor: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """One leg of the money's way back."""

    id: UUID
    state: str
    amount_minor: int
    currency: str
    method: str
    label: str
    speed: str
    reference: str | None
    failure_code: str | None
    reserved_at: datetime
    submitted_at: datetime | None
    accepted_at: datetime | None
    finished_at: datetime | None
    next_at: datetime | None
    is_parked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened to a case."""

    kind: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundInFull(Refund):
    """A refund case with its lines, payouts and timeline."""

    lines: tuple[RefundLine, ...]
    payouts: tuple[Payout, ...]
    timeline: tuple[Happening, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """A line with its frozen amounts; `quantity_free` units were not refunded or promised yet."""

    id: UUID
    sku: str
    title: str
    category: str
    kind: str
    flags: tuple[str, ...]
    quantity: int
    quantity_free: int
    list_minor: int
    item_discount_minor: int
    order_discount_minor: int
    tax_minor: int
    tax_included_minor: int
    fee_minor: int
    total_minor: int
    image_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPayment:
    """What was taken, and what of it can still go back."""

    charge_id: str
    rail_account_id: UUID
    method: str
    label: str
    captured_minor: int
    refundable_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Recoup's copy of an order."""

    id: UUID
    number: str
    placed_at: datetime
    currency: str
    country: str
    email: str
    phone: str
    shopper_name: str
    customer_ref: str
    status: str
    channel: str
    shipped_at: datetime | None
    delivered_at: datetime | None
    paid_minor: int
    shipping_minor: int
    shipping_tax_minor: int
    tax_percent_thousandths: int | None
    as_of: datetime
    source: str
    has_differences: bool
    attributes: dict[str, Any]
    lines: tuple[OrderLine, ...]
    payments: tuple[OrderPayment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderResult:
    """What became of one order of many: `outcome`, or `refused` with a problem."""

    index: int
    number: str | None
    outcome: str
    id: UUID | None
    problem: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMade:
    """A new key. The secret is shown this once; printing the object does not show it."""

    id: UUID
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestToken:
    """Opens one refund, for its shopper. It is shown this once; printing the object does not show it."""

    token: str = field(repr=False)
    case_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """Where Recoup tells your server what happens."""

    id: UUID
    url: str
    description: str
    event_types: tuple[str, ...]
    is_enabled: bool
    disabled_because: str
    failing_since: datetime | None
    old_secret_until: datetime | None
    last_sequence: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpointMade(WebhookEndpoint):
    """A new endpoint and its secret, which is shown this once; printing the object does not show it."""

    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecret:
    """A new secret, shown this once. Until `old_secret_until` messages are signed by both."""

    id: UUID
    secret: str = field(repr=False)
    old_secret_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to deliver. Without an answer `status` is None and `problem` says why."""

    at: datetime
    status: int | None
    took_ms: int
    answer: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one endpoint. `message_id` is the header webhook-id."""

    id: UUID
    message_id: str
    sequence: int
    type: str
    state: str
    created_at: datetime
    settled_at: datetime | None
    attempts: tuple[Attempt, ...]
    body: str


def read(kind: type[Model], told: object) -> Model:
    """`told` as that model. Raises NotUnderstood when a member is missing or of another kind."""
    if not isinstance(told, Mapping):
        raise NotUnderstood(f"{kind.__name__} was expected, {type(told).__name__} came")
    try:
        return kind(**{name: _value(hint, told[name]) for name, hint in _hints(kind).items()})
    except KeyError as missing:
        raise NotUnderstood(f"{kind.__name__} came without {missing}") from None
    except (TypeError, ValueError) as problem:
        raise NotUnderstood(f"{kind.__name__}: {problem}") from None


def _hints(kind: type[Any]) -> dict[str, Any]:
    if kind not in _known:
        hints = get_type_hints(kind)
        _known[kind] = {each.name: hints[each.name] for each in fields(kind)}
    return _known[kind]


_known: dict[type[Any], dict[str, Any]] = {}


def _value(hint: Any, told: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        (inner,) = (each for each in get_args(hint) if each is not type(None))
        return None if told is None else _value(inner, told)
    if origin is tuple:
        return tuple(_value(get_args(hint)[0], each) for each in told)
    if origin is dict:
        return dict(told)
    if hint is datetime:
        return datetime.fromisoformat(told)
    if hint is UUID:
        return UUID(told)
    if is_dataclass(hint) and isinstance(hint, type):
        return read(hint, told)
    if type(told) is not hint:
        raise TypeError(f"{hint.__name__} was expected, {type(told).__name__} came")
    return told
