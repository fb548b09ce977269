"""The counter of refunds: the verbs of a case and what they refuse."""

from recoup.refunds.actions.add_evidence import PhotoRefused, add_evidence
from recoup.refunds.actions.appeal import appeal
from recoup.refunds.actions.approve import approve
from recoup.refunds.actions.ask_evidence import ask_evidence
from recoup.refunds.actions.ask_goods import ask_goods
from recoup.refunds.actions.call_off import call_off
from recoup.refunds.actions.expire import expire
from recoup.refunds.actions.grade_goods import grade_goods
from recoup.refunds.actions.note_export import note_export
from recoup.refunds.actions.order_came import order_came
from recoup.refunds.actions.reject import reject
from recoup.refunds.actions.submit import submit
from recoup.refunds.actions.take_wake_ups import take_wake_ups
from recoup.refunds.actions.withdraw import withdraw
from recoup.refunds.approvers import MayNotApprove, NotYourOwn
from recoup.refunds.claims import NoSuchLine
from recoup.refunds.locking import MoveNotAllowed
from recoup.refunds.opening import OnlyInPractice
from recoup.refunds.saying_yes import SamePerson
from recoup.refunds.settling import AlreadyRefunded

__all__ = [
    "AlreadyRefunded",
    "MayNotApprove",
    "MoveNotAllowed",
    "NoSuchLine",
    "NotYourOwn",
    "OnlyInPractice",
    "PhotoRefused",
    "SamePerson",
    "add_evidence",
    "appeal",
    "approve",
    "ask_evidence",
    "ask_goods",
    "call_off",
    "expire",
    "grade_goods",
    "note_export",
    "order_came",
    "reject",
    "submit",
    "take_wake_ups",
    "withdraw",
]
