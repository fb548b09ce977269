"""What the letters about accounts say, and for how long each is of use. Names in braces are the letter's facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from recoup.notifications.states import Change, Letter

#: A code lives ten minutes; what a stranger is sent in its stead lives no longer, or one could be told from the other.
CODE_LIVES = timedelta(minutes=10)
NOTICE_LIVES = timedelta(hours=72)


CHANGES = frozenset(Change)
#: Worth as much as a notice, and with no code in them.
_LASTS = frozenset(
    {Letter.COLLEAGUE_DISOWNED, Letter.INVITATION, Letter.SECOND_PERSON, Letter.ROLE_CHANGED, Letter.PLAIN}
)


@dataclass(frozen=True, slots=True)
class Words:
    """One letter: its subject, which is also its heading, and its paragraphs. `button`: what the link says."""

    subject: str
    paragraphs: tuple[str, ...]
    button: str = ""


_NEVER = "Nobody at Recoup will ever ask you for this code."
_IGNORE = "If you did not ask for it, you can ignore this mail: without the code nothing happens."

WORDS: dict[str, Words] = {
    Letter.SIGN_IN_CODE: Words(
        "Your sign-in code",
        ("Type it into the page where you asked for it. It works for 10 minutes, and only once.", _NEVER, _IGNORE),
    ),
    Letter.ADDRESS_CODE: Words(
        "Your code to confirm this address",
        ("Type it into the page where you gave this address. It works for 10 minutes, and only once.", _NEVER, _IGNORE),
    ),
    Letter.RESET_CODE: Words(
        "Your code for a new password",
        ("Type it into the page where you asked for it. It works for 10 minutes, and only once.", _NEVER, _IGNORE),
    ),
    Letter.NO_ACCOUNT: Words(
        "There is no account with this address",
        (
            (
                "Somebody, perhaps you, typed this address at Recoup. There is no account with it, so there is nothing "
                "to sign in to and no password to change."
            ),
            (
                "If it was you, you may have used another address, or you can make an account now. "
                "If it was not, you can ignore this mail: nothing was kept about you."
            ),
        ),
        "Make an account",
    ),
    Letter.HAS_ACCOUNT: Words(
        "You have an account already",
        (
            (
                "Somebody, perhaps you, tried to make an account at Recoup with this address. There is one already, "
                "and nothing about it was changed."
            ),
            (
                "If it was you, sign in with a code by mail; you need no password for it. "
                "If it was not, you can ignore this mail."
            ),
        ),
        "Sign in",
    ),
    Letter.COLLEAGUE_DISOWNED: Words(
        "{who} says: this was not me",
        (
            "{who} was told about a change to their account ({what}) and answered that it was not them.",
            (
                "We ended every session and every app's access of theirs and took their password away. Their role, "
                "their second factors and the API keys they made are as they were."
            ),
            (
                "Talk to them, not by mail. If their account is not in their hands, end their role with "
                "off-boarding and look at what was done in their name since {since}."
            ),
        ),
    ),
    Letter.INVITATION: Words(
        "{company} invites you to work with them",
        (
            "{who} invites you to work for {company} at Recoup, where they look after refunds. Your role: {role}.",
            (
                "Open the link and sign in with a code that we mail to this address. Whoever works for a company then "
                "sets up a second proof, such as a passkey: that takes two minutes."
            ),
            (
                "The link works once, for seven days. If you do not know what this is about, you can ignore this mail: "
                "nothing happens."
            ),
        ),
        "See the invitation",
    ),
    Letter.SECOND_PERSON: Words(
        "{number} waits for a second person",
        (
            (
                "Somebody at {company} has approved the refund {number}, and it takes a second person. No money is "
                "promised until then, and the shopper is waiting."
            ),
            "You get this mail because you manage {company}. There is one for each first yes, and no reminder.",
        ),
        "Look at the case",
    ),
    Letter.ROLE_CHANGED: Words(
        "Your role at {company} is another one",
        (
            "A manager of {company} changed your role at Recoup from {old} to {new}, on {when}.",
            (
                "It counts from your next step on, and apps that act for you have to ask you again. If you did not "
                "expect it, talk to {company}; only its managers can change it."
            ),
        ),
        "What I may do now",
    ),
    Letter.PLAIN: Words("{subject}", ("{text}",)),
    Change.NEW_DEVICE: Words(
        "A new device signed in to your account",
        ("{device} signed in to your account on {when}.", "It had not been used for this account before."),
    ),
    Change.PASSWORD_SET: Words(
        "Your account has a password now",
        ("A password was set for your account on {when}. Codes by mail and passkeys work as before.",),
    ),
    Change.PASSWORD_CHANGED: Words(
        "Your password was changed",
        ("The password of your account was changed on {when}. You stay signed in where that was done, nowhere else.",),
    ),
    Change.PASSWORD_RESET: Words(
        "You have a new password",
        (
            (
                "Your password was replaced on {when}, with a code that we sent to this address. "
                "Every other session of yours has ended."
            ),
        ),
    ),
    Change.FACTOR_ADDED: Words(
        "A second proof was added to your account",
        ("This was added on {when}: {factor}. From now on it can prove that it is you who signs in.",),
    ),
    Change.FACTOR_REMOVED: Words(
        "A second proof was taken off your account",
        ("This was removed on {when}: {factor}. It proves nothing any more.",),
    ),
    Change.RECOVERY_CODES_MADE: Words(
        "New recovery codes were made",
        ("On {when} new recovery codes were made for your account. The old ones do not work any more.",),
    ),
    Change.RECOVERY_CODE_USED: Words(
        "A recovery code was used",
        (
            "On {when} somebody signed in to your account with one of your recovery codes. It does not work again.",
            "If your phone or key is lost, take it off your account and add the new one.",
        ),
    ),
    Change.EMAIL_ADDED: Words(
        "An address was added to your account",
        ("On {when} the address {new} was added to your account. You can sign in with either.",),
    ),
    Change.EMAIL_CHANGED: Words(
        "The address of your account was changed",
        ("On {when} the address of your account was changed from {old} to {new}. Both addresses get this mail.",),
    ),
    Change.EMAIL_REMOVED: Words(
        "An address was taken off your account",
        ("On {when} the address {old} was taken off your account. It does not open it any more.",),
    ),
    Change.PHONE_CHANGED: Words(
        "The phone number of your account was changed",
        ("On {when} the phone number of your account was changed. Before: {old}. Now: {new}.",),
    ),
    Change.SIGN_IN_CONNECTED: Words(
        "Another way to sign in was connected",
        ("On {when} you connected {provider}. Whoever signs in there can sign in here.",),
    ),
    Change.SIGN_IN_DISCONNECTED: Words(
        "A way to sign in was disconnected",
        ("On {when} {provider} was disconnected from your account. It opens it no more.",),
    ),
    Change.APP_CUT_OFF: Words(
        "We cut an app off from your account",
        (
            (
                "{app} acted for you at Recoup. On {when} somebody showed us a key of it that was used up already. "
                "That happens when somebody else has got hold of a copy, so we ended the app's access at once. {app} "
                "can do nothing for you any more, nor can anybody who has its keys."
            ),
            "To use {app} again, sign in with it anew. Which apps act for you: {apps_url}",
        ),
    ),
}
#: Under every notice.
IF_NOT_YOU = (
    "If this was you, there is nothing to do. If it was not, use the link below: you see first what it does, and it "
    "needs no password. It works once, until {until}."
)


def lives(kind: str) -> timedelta:
    """How long a letter is worth being sent."""
    return NOTICE_LIVES if kind in CHANGES or kind in _LASTS else CODE_LIVES
