"""The counter of this context: what can be done with copies of orders."""

from recoup.orders.actions.answer_look_up import answer_look_up
from recoup.orders.actions.begin_import import begin_import
from recoup.orders.actions.confirm_copy import confirm_copy
from recoup.orders.actions.finish_import import finish_import
from recoup.orders.actions.take_copies import take_copies
from recoup.orders.actions.take_copy import take_copy
from recoup.orders.actions.take_look_ups import take_look_ups
from recoup.orders.actions.want_order import want_order
from recoup.orders.refusals import ChargeTaken, NoRailAccount, NotAnOrder, NumberTwice, OrderUnknown, SumsDiffer

__all__ = [
    "ChargeTaken",
    "NoRailAccount",
    "NotAnOrder",
    "NumberTwice",
    "OrderUnknown",
    "SumsDiffer",
    "answer_look_up",
    "begin_import",
    "confirm_copy",
    "finish_import",
    "take_copies",
    "take_copy",
    "take_look_ups",
    "want_order",
]
