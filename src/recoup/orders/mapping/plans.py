"""A mapping made ready: what turns rows or trees into order documents, with every name looked up beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recoup.orders.documents import LineDocument, OrderDocument, PaymentDocument
from recoup.orders.mapping.amounts import Amounts
from recoup.orders.mapping.values import Find, MappingMistake, Reader, Unreadable, compiled

ORDER_TEXTS = (
    "number country email phone shopper_name customer_ref status channel source_tag"
    " placed_at shipped_at delivered_at as_of"
).split()
ORDER_AMOUNTS = ("order_discount", "shipping", "shipping_tax", "total_paid")
LINE_TEXTS = ("sku", "title", "category", "kind", "image_url")
LINE_AMOUNTS = ("item_discount", "tax", "tax_included", "fee")
PAYMENT_TEXTS = ("charge_id", "method", "label", "rail_account")
PAYMENT_AMOUNTS = ("amount", "refunded")
DISCOUNTS = frozenset({"order_discount", "item_discount"})


def nothing(_: Any) -> Any:
    """Finds nothing: for a field that the mapping does not name."""
    return None


def _one(_: Any) -> int:
    return 1


class LinePlan:
    """Makes lines. `unit_price` is of one unit, `list` of all; amounts are decimals in major units."""

    def __init__(self, told: Mapping[str, Any], read: Reader) -> None:
        _only(told, {*LINE_TEXTS, *LINE_AMOUNTS, "quantity", "unit_price", "list", "flags", "each", "when"}, "line")
        if ("unit_price" in told) == ("list" in told):
            raise MappingMistake("a line has either unit_price or list")
        if "sku" not in told:
            raise MappingMistake("a line has a sku")
        find = {name: compiled(told[name], read) for name in told if name not in ("flags", "each", "when")}
        self._sku = find["sku"]
        self._title: Find = find.get("title", nothing)
        self._category: Find = find.get("category", nothing)
        self._kind: Find = find.get("kind", nothing)
        self._image: Find = find.get("image_url", nothing)
        self._quantity: Find = find.get("quantity", _one)
        self._has_more = "category" in told or "image_url" in told
        self._per_unit = "unit_price" in told
        self._price = find["unit_price" if self._per_unit else "list"]
        self._amounts = [(name, find[name]) for name in LINE_AMOUNTS if name in find]
        self._flags = [(flag, compiled(one, read)) for flag, one in told.get("flags", {}).items()]

    def line(self, scope: Any, amounts: Amounts) -> LineDocument:
        """Raises Unreadable."""
        quantity = _quantity(self._quantity(scope))
        price, sku = self._price(scope), self._sku(scope)
        if price is None or price == "" or not sku:
            raise _missing("sku" if price not in (None, "") else "price")
        line = LineDocument(
            sku=str(sku),
            quantity=quantity,
            title=str(self._title(scope) or ""),
            list_minor=amounts.minor(price, quantity if self._per_unit else 1),
            kind=self._kind(scope) or "goods",
        )
        if self._has_more:
            line.category = str(self._category(scope) or "")
            line.image_url = str(self._image(scope) or "")
        for name, find in self._amounts:
            setattr(line, f"{name}_minor", _signed(name, find(scope), amounts))
        if self._flags:
            line.flags = tuple(flag for flag, find in self._flags if find(scope) in (True, "true", 1))
        return line


class PaymentPlan:
    """Makes payments. One without an `amount` took whatever the order comes to."""

    def __init__(self, told: Mapping[str, Any], read: Reader) -> None:
        _only(told, {*PAYMENT_TEXTS, *PAYMENT_AMOUNTS, "each", "when"}, "payment")
        if "charge_id" not in told:
            raise MappingMistake("a payment has a charge_id")
        self._texts = [(name, compiled(told[name], read)) for name in PAYMENT_TEXTS if name in told]
        self._amounts = [(name, compiled(told[name], read)) for name in PAYMENT_AMOUNTS if name in told]

    def payment(self, scope: Any, amounts: Amounts, *, total_minor: int) -> PaymentDocument:
        """Raises Unreadable."""
        texts = {name: str(value) for name, find in self._texts if (value := find(scope)) not in (None, "")}
        minor = {name: amounts.minor(value) for name, find in self._amounts if (value := find(scope)) is not None}
        return PaymentDocument(
            charge_id=texts.pop("charge_id", ""),
            amount_minor=minor.get("amount", total_minor),
            refunded_minor=minor.get("refunded", 0),
            **texts,
        )


class OrderPlan:
    """Makes the head of an order: everything but lines and payments."""

    def __init__(self, told: Mapping[str, Any], read: Reader) -> None:
        _only(told, {*ORDER_TEXTS, *ORDER_AMOUNTS, "currency", "tax_percent", "attributes"}, "order")
        missing = {"number", "placed_at", "currency"} - set(told)
        if missing:
            raise MappingMistake(f"an order has a {', a '.join(sorted(missing))}")
        self._currency = compiled(told["currency"], read)
        self._texts = [(name, compiled(told[name], read)) for name in ORDER_TEXTS if name in told]
        self._amounts = [(name, compiled(told[name], read)) for name in ORDER_AMOUNTS if name in told]
        self._percent = _percent(told["tax_percent"], read) if "tax_percent" in told else nothing
        self._attributes = [(name, compiled(one, read)) for name, one in told.get("attributes", {}).items()]

    def currency(self, scope: Any) -> str:
        return str(_told(self._currency(scope), "currency"))

    def order(self, scope: Any, lines: Sequence[LineDocument], amounts: Amounts, currency: str) -> OrderDocument:
        """The order with its lines and no payments yet. Raises Unreadable."""
        fields: dict[str, Any] = {name: value for name, find in self._texts if (value := find(scope)) not in (None, "")}
        for name in ("number", "placed_at"):
            _told(fields.get(name), name)
        for name, find in self._amounts:
            value = find(scope)
            if value not in (None, ""):
                fields[f"{name}_minor"] = _signed(name, value, amounts)
        attributes = {name: value for name, find in self._attributes if (value := find(scope)) not in (None, "")}
        return OrderDocument(
            currency=currency,
            lines=list(lines),
            tax_percent_thousandths=self._percent(scope),
            attributes=attributes,
            **fields,
        )


def total_minor(document: OrderDocument) -> int:
    """What the order comes to by its parts."""
    lines = sum(
        (line.list_minor or 0) + line.item_discount_minor + line.tax_minor + line.fee_minor for line in document.lines
    )
    return lines + document.order_discount_minor + document.shipping_minor + document.shipping_tax_minor


def _signed(name: str, value: Any, amounts: Amounts) -> int:
    """Sources write a discount of five as 5 or as -5; ours are negative."""
    if value is None or value == "":
        return 0
    amount = amounts.minor(value)
    return -abs(amount) if name in DISCOUNTS else amount


def _quantity(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Unreadable("not_a_whole_number", f"the quantity {value!r} is not a whole number") from None


def _told(value: Any, name: str) -> Any:
    if value is None or value == "":
        raise _missing(name)
    return value


def _missing(name: str) -> Unreadable:
    return Unreadable(f"missing_{name}", f"there is no {name}")


def _percent(told: Any, read: Reader) -> Find:
    return compiled({"from": "tax_percent", "as": "thousandths"}, lambda _: compiled(told, read))


def _only(told: Mapping[str, Any], known: set[str], what: str) -> None:
    unknown = set(told) - known
    if unknown:
        raise MappingMistake(f"the {what} of a mapping has no {', '.join(sorted(unknown))}")
