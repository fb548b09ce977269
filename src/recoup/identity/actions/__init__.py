"""The counter of identity."""

from recoup.identity.actions.accept_code import CodeWrong, accept_code
from recoup.identity.actions.accept_invitation import InvitationOver, NotInvited, accept_invitation
from recoup.identity.actions.add_member import add_member
from recoup.identity.actions.add_operator import add_operator
from recoup.identity.actions.admit_by_provider import NotLetIn, admit_by_provider
from recoup.identity.actions.answer_device import answer_device
from recoup.identity.actions.ask_by_device import ask_by_device
from recoup.identity.actions.change_role import NotYourOwnRole, change_role
from recoup.identity.actions.close_account import close_account
from recoup.identity.actions.connect_provider import DomainTaken, connect_provider
from recoup.identity.actions.create_app import create_app
from recoup.identity.actions.disconnect_provider import disconnect_provider
from recoup.identity.actions.end_grant import end_grant
from recoup.identity.actions.end_sessions import end_sessions
from recoup.identity.actions.enter_by_code import enter_by_code
from recoup.identity.actions.forget_device import forget_device
from recoup.identity.actions.give_authenticator import give_authenticator
from recoup.identity.actions.give_guest_token import give_guest_token
from recoup.identity.actions.hear_by_device import hear_by_device
from recoup.identity.actions.issue_code import TooManyCodes, issue_code
from recoup.identity.actions.issue_tokens import SpentBefore, issue_tokens
from recoup.identity.actions.keep_code import keep_code
from recoup.identity.actions.make_signing_key import make_signing_key
from recoup.identity.actions.off_board import off_board
from recoup.identity.actions.remember_password import remember_password
from recoup.identity.actions.renew_session import renew_session
from recoup.identity.actions.replace_app_secret import replace_app_secret
from recoup.identity.actions.revoke_app import revoke_app
from recoup.identity.actions.revoke_guest_tokens import revoke_guest_tokens
from recoup.identity.actions.rotate_signing_key import rotate_signing_key
from recoup.identity.actions.see_device import see_device
from recoup.identity.actions.set_phone import NothingLeft, PhoneTaken, set_phone
from recoup.identity.actions.withdraw_invitation import withdraw_invitation
from recoup.identity.codes import CODE_LIVES, hash_code, new_code
from recoup.identity.managing import LastManager

__all__ = [
    "CODE_LIVES",
    "CodeWrong",
    "DomainTaken",
    "InvitationOver",
    "LastManager",
    "NotInvited",
    "NotLetIn",
    "NotYourOwnRole",
    "NothingLeft",
    "PhoneTaken",
    "SpentBefore",
    "TooManyCodes",
    "accept_code",
    "accept_invitation",
    "add_member",
    "add_operator",
    "admit_by_provider",
    "answer_device",
    "ask_by_device",
    "change_role",
    "close_account",
    "connect_provider",
    "create_app",
    "disconnect_provider",
    "end_grant",
    "end_sessions",
    "enter_by_code",
    "forget_device",
    "give_authenticator",
    "give_guest_token",
    "hash_code",
    "hear_by_device",
    "issue_code",
    "issue_tokens",
    "keep_code",
    "make_signing_key",
    "new_code",
    "off_board",
    "remember_password",
    "renew_session",
    "replace_app_secret",
    "revoke_app",
    "revoke_guest_tokens",
    "rotate_signing_key",
    "see_device",
    "set_phone",
    "withdraw_invitation",
]
