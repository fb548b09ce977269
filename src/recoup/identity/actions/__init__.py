"""The counter of identity."""

from recoup.identity.actions.accept_code import CodeWrong, accept_code
from recoup.identity.actions.add_member import add_member
from recoup.identity.actions.issue_code import TooManyCodes, issue_code
from recoup.identity.codes import CODE_LIVES

__all__ = ["CODE_LIVES", "CodeWrong", "TooManyCodes", "accept_code", "add_member", "issue_code"]
