"""The counter of this context: what can be done with copies of orders."""

from recoup.orders.actions.begin_import import begin_import
from recoup.orders.actions.confirm_copy import confirm_copy
from recoup.orders.actions.finish_import import finish_import
from recoup.orders.actions.take_copies import take_copies
from recoup.orders.actions.take_copy import take_copy
from recoup.orders.refusals import ChargeTaken, NoRailAccount, NotAnOrder, NumberTwice, OrderUnknown, SumsDiffer

__all__ = [
    "ChargeTaken",
    "NoRailAccount",
    "NotAnOrder",
    "NumberTwice",
    "OrderUnknown",
    "SumsDiffer",
    "begin_import",
    "confirm_copy",
    "finish_import",
    "take_copies",
    "take_copy",
]
