"""The counter of identity."""

from recoup.identity.actions.accept_code import CodeWrong, accept_code
from recoup.identity.actions.add_member import add_member
from recoup.identity.actions.add_operator import add_operator
from recoup.identity.actions.admit_by_provider import NotLetIn, admit_by_provider
from recoup.identity.actions.close_account import close_account
from recoup.identity.actions.connect_provider import DomainTaken, connect_provider
from recoup.identity.actions.disconnect_provider import disconnect_provider
from recoup.identity.actions.give_authenticator import give_authenticator
from recoup.identity.actions.issue_code import TooManyCodes, issue_code
from recoup.identity.actions.off_board import off_board
from recoup.identity.actions.remember_password import remember_password
from recoup.identity.codes import CODE_LIVES

__all__ = [
    "CODE_LIVES",
    "CodeWrong",
    "DomainTaken",
    "NotLetIn",
    "TooManyCodes",
    "accept_code",
    "add_member",
    "add_operator",
    "admit_by_provider",
    "close_account",
    "connect_provider",
    "disconnect_provider",
    "give_authenticator",
    "issue_code",
    "off_board",
    "remember_password",
]
