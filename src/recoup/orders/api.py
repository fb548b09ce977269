"""Orders over the JSON API: told singly or by the thousand, and read back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Body, Router, Status
from pydantic import Field, ValidationError

from recoup.access import documented, pages
from recoup.access.doors import Moment, Strict, asks, no_query, principal
from recoup.kernel import clock
from recoup.kernel.errors import Refusal
from recoup.orders import actions, freezing, queries
from recoup.orders.documents import LineDocument, OrderDocument, PaymentDocument
from recoup.orders.queries import OrderView
from recoup.orders.refusals import ChargeTaken, NoRailAccount, NotAnOrder, OrderUnknown, SumsDiffer
from recoup.orders.states import CopyOutcome
from recoup.orders.writing import Copied

router = Router(tags=["orders"])
BULK_MAX = 1_000
SOURCE = "api"

Minor = Annotated[int, Field(description="an amount in minor units of the order's currency")]


class LineIn(Strict):
    """One line. Give `unit_price_minor` or `list_minor` (all units); every other amount is of all units together.

    Discounts are zero or negative. `tax_minor` comes on top of the price, `tax_included_minor` is inside it.
    """

    sku: Annotated[str, Field(min_length=1, max_length=200)]
    quantity: Annotated[int, Field(ge=1)]
    title: Annotated[str, Field(max_length=1000)] = ""
    unit_price_minor: Minor | None = None
    list_minor: Minor | None = None
    item_discount_minor: Minor = 0
    tax_minor: Minor = 0
    tax_included_minor: Minor = 0
    fee_minor: Minor = 0
    kind: Literal["goods", "service", "digital", "shipping", "fee", "discount", "adjustment", "gift_card"] = "goods"
    category: Annotated[str, Field(max_length=200)] = ""
    flags: Annotated[list[Annotated[str, Field(pattern="^[a-z][a-z_]{1,60}$")]], Field(max_length=20)] = []
    image_url: Annotated[str, Field(pattern="^(https?://[^\\s]*)?$", max_length=2000)] = ""


class PaymentIn(Strict):
    """Money that was taken. `rail_account` is the label or id of the payment account; without it the first one."""

    charge_id: Annotated[str, Field(min_length=1, max_length=255)]
    amount_minor: Minor
    method: Annotated[str, Field(max_length=60)] = "card"
    label: Annotated[str, Field(max_length=200)] = ""
    rail_account: str | None = None
    refunded_minor: Minor = 0


class OrderIn(Strict):
    """An order as it was placed, paid and shipped. The payments take what the parts add up to, to the minor unit."""

    number: Annotated[str, Field(min_length=1, max_length=200)]
    placed_at: Moment
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=freezing.LINES_MAX)]
    payments: Annotated[list[PaymentIn], Field(max_length=20)] = []
    country: Annotated[str, Field(pattern="^([A-Z]{2})?$")] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    shopper_name: Annotated[str, Field(max_length=300)] = ""
    customer_ref: Annotated[str, Field(max_length=200)] = ""
    status: Literal["placed", "shipped", "delivered", "cancelled"] = "placed"
    channel: Literal["distance", "in_store"] = "distance"
    shipped_at: Moment | None = None
    delivered_at: Moment | None = None
    order_discount_minor: Minor = 0
    shipping_minor: Minor = 0
    shipping_tax_minor: Minor = 0
    tax_percent_thousandths: Annotated[int, Field(ge=0, le=100_000)] | None = None
    total_paid_minor: Minor | None = None
    as_of: Moment | None = None
    source_tag: Annotated[str, Field(max_length=200)] = ""
    attributes: dict[str, Any] = {}

    def document(self) -> OrderDocument:
        """The same as every source tells it."""
        told = {name: getattr(self, name) for name in type(self).model_fields if name not in ("lines", "payments")}
        return OrderDocument(
            lines=[LineDocument(**{**line.model_dump(), "flags": tuple(line.flags)}) for line in self.lines],
            payments=[PaymentDocument(**payment.model_dump()) for payment in self.payments],
            **told,
        )


class LineOut(Strict):
    """A line with its frozen amounts; `quantity_free` units were not refunded or promised yet."""

    id: str
    sku: str
    title: str
    category: str
    kind: str
    flags: list[str]
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


class PaymentOut(Strict):
    """What was taken, and what of it can still go back."""

    charge_id: str
    rail_account_id: str
    method: str
    label: str
    captured_minor: int
    refundable_minor: int


class OrderOut(Strict):
    """Our copy of an order. `as_of` says how fresh it is; `has_differences` that a later copy told other facts."""

    id: str
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
    lines: list[LineOut]
    payments: list[PaymentOut]


class OrdersOut(Strict):
    """A page of orders, the newest copies first."""

    data: list[OrderOut]
    next_cursor: str | None


class Bulk(Strict):
    """Up to 1,000 orders; each is read, checked and answered by itself."""

    orders: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=BULK_MAX)]


class ItemOut(Strict):
    """What became of one order of a bulk: `outcome`, or `refused` with a problem."""

    index: int
    number: str | None
    outcome: str
    id: str | None = None
    problem: dict[str, Any] | None = None


class BulkOut(Strict):
    """One answer per order, in the order given."""

    results: list[ItemOut]


@router.post(
    "",
    auth=asks("orders:write"),
    response={201: OrderOut, 200: OrderOut},
    summary="Tell us an order",
    operation_id="put_order",
    openapi_extra=documented.tells(NotAnOrder, SumsDiffer, ChargeTaken, NoRailAccount),
)
def put_order(request: HttpRequest, order: OrderIn) -> Status[dict[str, Any]]:
    """201: the order is new. 200: we had it; the answer is our copy, which keeps its money facts once they are frozen.

    The number and the content make the request repeatable: the same order again changes nothing.
    """
    who = principal(request)
    at = clock.now()
    known = queries.numbers_known(merchant_id=who.company, numbers=[order.number])
    order_id = actions.take_copy(merchant_id=who.company, document=order.document(), source=SOURCE, at=at)
    view = queries.order_by_id(merchant_id=who.company, order_id=order_id)
    return Status(200 if known else 201, _order_out(view))


@router.post(
    "/bulk",
    auth=asks("orders:write"),
    response=BulkOut,
    summary="Tell us many orders",
    operation_id="put_orders",
)
def put_orders(request: HttpRequest, bulk: Body[Bulk]) -> dict[str, Any]:
    """Each order is stored or refused by itself; `results` says which, in the order given."""
    who = principal(request)
    results: list[dict[str, Any]] = [{} for _ in bulk.orders]
    frozen: list[tuple[int, freezing.FrozenOrder]] = []
    for index, told in enumerate(bulk.orders):
        number = told.get("number")
        results[index] = {"index": index, "number": number if isinstance(number, str) else None}
        try:
            frozen.append((index, freezing.freeze(OrderIn.model_validate(told).document())))
        except ValidationError as problem:
            results[index] |= _refused(NotAnOrder("the order has a mistake in it", errors=_errors(problem)))
        except Refusal as refusal:
            results[index] |= _refused(refusal)
    copied = actions.take_copies(
        merchant_id=who.company, orders=[order for _, order in frozen], source=SOURCE, at=clock.now()
    )
    for (index, _), answer in zip(frozen, copied, strict=True):
        results[index] |= _copied(answer)
    return {"results": results}


@router.get(
    "/{path:number}",
    auth=asks("orders:read"),
    response=OrderOut,
    summary="Our copy of an order",
    operation_id="get_order",
    openapi_extra=documented.tells(OrderUnknown),
)
def get_order(request: HttpRequest, number: str) -> dict[str, Any]:
    """The order with its frozen amounts and what of it can still be refunded."""
    who = principal(request)
    no_query(request)
    return _order_out(queries.order_with_lines(merchant_id=who.company, number=number))


@router.get(
    "",
    auth=asks("orders:read"),
    response=OrdersOut,
    summary="Our copies of orders",
    operation_id="list_orders",
    openapi_extra=documented.tells(parameters=documented.PAGE),
)
def list_orders(request: HttpRequest) -> dict[str, Any]:
    """Newest copies first, by `cursor` and `limit` (at most 200)."""
    who = principal(request)
    no_query(request, "cursor", "limit")
    after, limit = pages.place(request)
    views = queries.page_of_orders(merchant_id=who.company, after=after, limit=limit + 1)
    return pages.page([_order_out(view) for view in views], [view.id for view in views], limit=limit)


def _order_out(view: OrderView) -> dict[str, Any]:
    told = {name: getattr(view, name) for name in OrderOut.model_fields if name not in ("id", "lines", "payments")}
    lines = [
        {name: getattr(line, name) for name in LineOut.model_fields} | {"id": str(line.id), "flags": list(line.flags)}
        for line in view.lines
    ]
    payments = [
        {
            "charge_id": capture.provider_charge_id,
            "rail_account_id": str(capture.rail_account_id),
            "method": capture.method,
            "label": capture.label,
            "captured_minor": capture.captured_minor,
            "refundable_minor": capture.refundable_minor,
        }
        for capture in view.captures
    ]
    return told | {"id": str(view.id), "lines": lines, "payments": payments}


def _copied(answer: Copied) -> dict[str, Any]:
    if answer.refusal is not None:
        return _refused(answer.refusal)
    return {"outcome": answer.outcome.value, "id": str(answer.order_id)}


def _refused(refusal: Refusal) -> dict[str, Any]:
    problem = {"title": refusal.title, "detail": refusal.detail, "code": refusal.code, **refusal.extra}
    return {"outcome": CopyOutcome.REFUSED.value, "problem": problem}


def _errors(problem: ValidationError) -> list[dict[str, str]]:
    found = problem.errors(include_url=False, include_context=False, include_input=False)
    return [{"field": ".".join(str(part) for part in error["loc"]), "message": error["msg"]} for error in found]
