"""The counter of this context: what can be done with copies of orders."""

from recoup.orders.actions.answer_look_up import answer_look_up
from recoup.orders.actions.ask_for_import import ask_for_import
from recoup.orders.actions.begin_import import begin_import
from recoup.orders.actions.confirm_copy import confirm_copy
from recoup.orders.actions.finish_import import finish_import
from recoup.orders.actions.give_up_import import give_up_import
from recoup.orders.actions.note_import import note_import
from recoup.orders.actions.take_copies import take_copies
from recoup.orders.actions.take_copy import take_copy
from recoup.orders.actions.take_import import WaitingImport, take_import
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
    "WaitingImport",
    "answer_look_up",
    "ask_for_import",
    "begin_import",
    "confirm_copy",
    "finish_import",
    "give_up_import",
    "note_import",
    "take_copies",
    "take_copy",
    "take_import",
    "take_look_ups",
    "want_order",
]
