"""Nested JSON as orders: paths walk into objects and lists, joins bring in objects of other files.

"buyer.email"                       walk into objects (and lists, by number: "fulfillments.0.tracking_id")
"$.user_id"                         from the order's top, inside a line or payment
"user.email"                        `user` is a join: the object of another file that the order names
"user.payment_methods[payment_method_id].brand"    the key stands in a field of this line or payment
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from recoup.kernel.errors import Refusal
from recoup.orders.documents import OrderDocument, PaymentDocument
from recoup.orders.mapping.amounts import ROUNDED, Amounts
from recoup.orders.mapping.notes import Treated
from recoup.orders.mapping.plans import LinePlan, OrderPlan, PaymentPlan, total_minor
from recoup.orders.mapping.rules import Rules, conditions
from recoup.orders.mapping.tally import Origin, Tally
from recoup.orders.mapping.values import Find, Unreadable

_STEP = re.compile(r"([^.\[\]]+)|\[([^\[\]]+)\]")


class Scope(NamedTuple):
    """Where a path starts: the line or payment at hand, the order around it, and what was joined to it."""

    item: Any
    root: Any
    joined: Mapping[str, Any]


class TreeMapping:
    """A mapping for JSON. `joins` holds the objects of other files by their keys. Raises MappingMistake."""

    def __init__(
        self,
        mapping: Mapping[str, Any],
        joins: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        file: Mapping[str, Any] | None = None,
    ) -> None:
        self._joins = joins or {}
        self._file = {"$file": file or {}}
        names = {*self._joins, "$file"}

        def read(path: str) -> Find:
            return reading(path, names)

        self._keys = {name: read(mapping["joins"][name]["key"]) for name in self._joins}
        self._order = OrderPlan(mapping["order"], read)
        self._each_line = read(mapping["line"]["each"])
        self._line = LinePlan(mapping["line"], read)
        self._payments = [self._payment(told, read) for told in mapping.get("payments", [])]
        self._earlier = [self._payment(told, read) for told in mapping.get("earlier_refunds", [])]
        self._rules = Rules(mapping.get("orders", []), read)

    @staticmethod
    def _payment(told: Mapping[str, Any], read: Callable[[str], Find]) -> tuple[Find, Find, PaymentPlan]:
        each = read(told["each"]) if "each" in told else lambda scope: [scope.item]
        when = conditions(told["when"], read) if told.get("when") else lambda _: True
        return each, when, PaymentPlan(told, read)

    def orders(self, trees: Iterable[Any], *, file: str, tally: Tally) -> Iterator[tuple[OrderDocument, Origin]]:
        """The orders, each with where it stands: in a JSON file the n-th one is row n."""
        for at, tree in enumerate(trees, 1):
            tally.rows_read += 1
            origin = Origin(file, at, tree if isinstance(tree, Mapping) else {"value": tree})
            try:
                scope = self._scope(tree)
                if self._is_out(scope, origin, tally):
                    continue
                document, is_rounded = self.document(scope)
            except (Unreadable, Refusal) as problem:
                tally.refuse_order(origin, problem.code, str(problem))
                continue
            if is_rounded:
                tally.remark(origin, ROUNDED, "an amount has more places than the currency and was rounded")
            yield document, origin

    def document_of(self, tree: Any) -> OrderDocument:
        """One order. Raises Unreadable, NotAnOrder."""
        return self.document(self._scope(tree))[0]

    def document(self, scope: Scope) -> tuple[OrderDocument, bool]:
        """The order, and whether an amount had to be rounded."""
        currency = self._order.currency(scope)
        amounts = Amounts(currency)
        lines = [self._line.line(inner, amounts) for inner in _inside(scope, self._each_line(scope))]
        document = self._order.order(scope, lines, amounts, currency)
        total = total_minor(document)
        document.payments = list(self._paid(self._payments, scope, amounts, total))
        for refund in self._paid(self._earlier, scope, amounts, total):
            _take_back(document.payments, refund)
        return document, amounts.roundings > 0

    def _paid(
        self, plans: list[tuple[Find, Find, PaymentPlan]], scope: Scope, amounts: Amounts, total: int
    ) -> Iterator[PaymentDocument]:
        for each, when, plan in plans:
            for inner in _inside(scope, each(scope)):
                if when(inner) and (payment := plan.payment(inner, amounts, total_minor=total)).amount_minor:
                    yield payment

    def _scope(self, tree: Any) -> Scope:
        bare = Scope(tree, tree, self._file)
        joined: dict[str, Any] = dict(self._file)
        for name, key in self._keys.items():
            wanted = key(bare)
            if wanted is None or str(wanted) not in self._joins[name]:
                raise Unreadable(f"unknown_{name}", f"there is no {name} {wanted!r}")
            joined[name] = self._joins[name][str(wanted)]
        return Scope(tree, tree, joined)

    def _is_out(self, scope: Scope, origin: Origin, tally: Tally) -> bool:
        for rule in self._rules.hits(scope):
            tally.note(origin, rule.code, rule.treated, rule.message)
            if rule.treated is not Treated.KEPT:
                return True
        return False


def reading(path: str, joins: set[str]) -> Find:
    """A function that follows the path; None where it leads nowhere."""
    steps = [(plain, hole) for plain, hole in _STEP.findall(path)]
    start = "item"
    if steps and steps[0][0] == "$":
        start, steps = "root", steps[1:]
    elif steps and steps[0][0] in joins:
        start = "joined"
    holes = {hole: reading(hole, joins) for _, hole in steps if hole}

    def find(scope: Scope) -> Any:
        value = getattr(scope, start)
        for plain, hole in steps:
            value = _step(value, plain or holes[hole](scope))
            if value is None:
                return None
        return value

    return find


def walk(tree: Any, path: str) -> Any:
    """What stands at a plain path of a tree; the tree itself for an empty path."""
    return reading(path, set())(Scope(tree, tree, {})) if path else tree


def _step(value: Any, key: Any) -> Any:
    if isinstance(value, Mapping):
        return value.get(str(key))
    if isinstance(value, list) and str(key).lstrip("-").isdigit():
        place = int(key)
        return value[place] if -len(value) <= place < len(value) else None
    return None


def _inside(scope: Scope, items: Any) -> list[Scope]:
    if items is None:
        return []
    if isinstance(items, Mapping):
        items = list(items.values())
    if not isinstance(items, list):
        raise Unreadable("not_a_list", "where a list should be stands something else")
    return [Scope(item, scope.root, scope.joined) for item in items]


def _take_back(payments: list[PaymentDocument], refund: PaymentDocument) -> None:
    for payment in payments:
        if payment.charge_id == refund.charge_id:
            payment.refunded_minor += refund.amount_minor
            return
    raise Unreadable("refund_without_payment", f"a refund names the charge {refund.charge_id}, which nobody paid")
