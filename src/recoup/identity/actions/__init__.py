"""The counter of identity."""

from recoup.identity.actions.accept_code import CodeWrong, accept_code
from recoup.identity.actions.add_member import add_member
from recoup.identity.actions.add_operator import add_operator
from recoup.identity.actions.give_authenticator import give_authenticator
from recoup.identity.actions.issue_code import TooManyCodes, issue_code
from recoup.identity.codes import CODE_LIVES

__all__ = [
    "CODE_LIVES",
    "CodeWrong",
    "TooManyCodes",
    "accept_code",
    "add_member",
    "add_operator",
    "give_authenticator",
    "issue_code",
]
