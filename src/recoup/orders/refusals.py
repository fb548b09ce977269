"""Why an order cannot be copied, each with a stable code."""

from __future__ import annotations

from recoup.kernel.errors import NotFound, Refusal


class NotAnOrder(Refusal):
    """A fact of the order cannot be true: `extra["field"]` says which."""

    code = "not_an_order"
    status = 422
    title = "This cannot be an order"


class SumsDiffer(Refusal):
    """The parts of the order do not add up to what was paid."""

    code = "sums_differ"
    status = 422
    title = "The parts do not add up to what was paid"


class NumberTwice(Refusal):
    """The same order number stands twice in one delivery."""

    code = "number_twice"
    status = 422
    title = "This order number was given twice at once"


class ChargeTaken(Refusal):
    """A payment of this order was already told as another order's."""

    code = "charge_taken"
    status = 409
    title = "This payment belongs to another order"


class NoRailAccount(Refusal):
    """There is no account at a payment provider that the money could go back through."""

    code = "no_rail_account"
    status = 422
    title = "There is no such payment account"


class OrderUnknown(NotFound):
    """We have no copy of such an order of this merchant."""

    code = "order_unknown"
    title = "No such order"
