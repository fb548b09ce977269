"""Where a case stands, in plain words. "Approved" is not "sent" is not "in your account" (DOMAIN 10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from recoup.refunds.states import UNDECIDED, CaseState
from recoup.web.shopper.view_models import Clock

GRANTED = frozenset({CaseState.APPROVED, CaseState.PARTLY_APPROVED})
_PHRASES: dict[CaseState, tuple[str, str]] = {
    CaseState.SUBMITTED: ("We have your request", "It is being looked at right now."),
    CaseState.VERIFYING_ORDER: (
        "We are checking your order with {company}",
        "As soon as the shop confirms it, we go on. If it does not answer, a person looks for it.",
    ),
    CaseState.NEEDS_EVIDENCE: ("We need one more thing from you", "{explanation}"),
    CaseState.AWAITING_RETURN: ("Please send the goods back", "{explanation}"),
    CaseState.IN_REVIEW: ("A person is looking at it", "{explanation}"),
    CaseState.REJECTED: ("We cannot approve this refund", "{explanation}"),
    CaseState.APPEALED: ("A person is reading what you wrote", "You get an answer here and by e-mail."),
    CaseState.WITHDRAWN: (
        "You withdrew this request",
        "Nothing is paid. You can ask again while the shop's time lasts.",
    ),
    CaseState.EXPIRED: (
        "This case has ended",
        "We did not hear from you in time, so nothing is paid. You can ask again while the shop's time lasts.",
    ),
}
_FAILED = (
    "Your refund is approved, but your money was not accepted where we sent it. "
    "A person is finding another way; you do not need to do anything."
)
#: What is said where no decision has left words of its own.
_UNTOLD = {
    CaseState.NEEDS_EVIDENCE: "With your answer we can go on at once.",
    CaseState.AWAITING_RETURN: "Once they are checked in, your refund goes on.",
    CaseState.REJECTED: "You can tell us why you disagree.",
}
#: Every text of these tables, for the catalogues.
TEXTS: tuple[str, ...] = (
    *(text for told in _PHRASES.values() for text in told if text != "{explanation}"),
    *(_FAILED, "You do not need to do anything.", *_UNTOLD.values()),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the words depend on. `has_failed`: a payment did not go through and waits for a person."""

    state: CaseState
    company: str
    explanation: str
    requested_at: datetime
    decided_at: datetime | None
    initiated_at: datetime | None
    credited_at: datetime | None
    expected: str
    has_failed: bool
    is_granted: bool


def headline(facts: Facts) -> tuple[str, str]:
    """The case in a few words, and in one or two sentences."""
    if facts.has_failed:
        return gettext("The payment did not go through"), gettext(_FAILED)
    if facts.state in GRANTED or (facts.state is CaseState.CLOSED and facts.is_granted):
        return _of_a_grant(facts)
    if facts.state is CaseState.CLOSED:
        return gettext("This case is closed"), facts.explanation
    heading, words = _PHRASES[facts.state]
    told = facts.explanation or gettext(_UNTOLD.get(facts.state, "You do not need to do anything."))
    if words != "{explanation}":
        words = gettext(words)
    return gettext(heading).format(company=facts.company), words.format(company=facts.company, explanation=told)


def clocks(facts: Facts) -> tuple[Clock, ...]:
    """Asked, decided, sent, in your account."""
    is_over = not facts.is_granted and facts.state not in UNDECIDED
    is_decided = facts.decided_at is not None and (facts.has_failed or facts.state not in UNDECIDED)
    is_sent = facts.initiated_at is not None and not facts.has_failed
    return (
        Clock(name=gettext("Asked"), icon="check", standing="done", at=facts.requested_at),
        _decided(facts, is_decided=is_decided, is_over=is_over),
        _sent(facts, is_decided=is_decided, is_sent=is_sent, is_over=is_over),
        _credited(facts, is_sent=is_sent, is_over=is_over),
    )


def _of_a_grant(facts: Facts) -> tuple[str, str]:
    if facts.credited_at is not None:
        return gettext("Your refund is complete"), f"{gettext('The money has arrived.')} {facts.explanation}"
    if facts.initiated_at is not None:
        sent = gettext("It has been sent.")
        if facts.expected:
            sent += " " + gettext("Expect it {expected}.").format(expected=facts.expected)
        return gettext("Your money is on its way"), f"{sent} {facts.explanation}"
    unsent = gettext("It is not sent yet: this page says so when it is.")
    return gettext("Approved. Your money is being sent"), f"{unsent} {facts.explanation}"


def _decided(facts: Facts, *, is_decided: bool, is_over: bool) -> Clock:
    if is_decided:
        words = ""
        if facts.is_granted or facts.state is CaseState.REJECTED:
            words = gettext("Approved") if facts.is_granted else gettext("Not approved")
        return Clock(name=gettext("Decided"), icon="check", standing="done", at=facts.decided_at, words=words)
    if is_over:
        return Clock(name=gettext("Decided"), icon="no", standing="off", words=gettext("Ended without a decision"))
    return Clock(name=gettext("Decided"), icon="clock", standing="now", words=gettext("Not decided yet"))


def _sent(facts: Facts, *, is_decided: bool, is_sent: bool, is_over: bool) -> Clock:
    if is_sent:
        return Clock(name=gettext("Sent"), icon="check", standing="done", at=facts.initiated_at)
    if is_over:
        return Clock(name=gettext("Sent"), icon="no", standing="off", words=gettext("Nothing is sent"))
    if not is_decided:
        return Clock(name=gettext("Sent"), icon="sent", standing="later", words=gettext("After the decision"))
    words = gettext("Did not go through yet") if facts.has_failed else gettext("Being sent now")
    return Clock(name=gettext("Sent"), icon="sent", standing="now", words=words)


def _credited(facts: Facts, *, is_sent: bool, is_over: bool) -> Clock:
    if facts.credited_at is not None and not facts.has_failed:
        return Clock(name=gettext("In your account"), icon="check", standing="done", at=facts.credited_at)
    if is_over:
        return Clock(name=gettext("In your account"), icon="no", standing="off")
    expected = gettext("Expected {expected}").format(expected=facts.expected) if facts.expected else ""
    return Clock(name=gettext("In your account"), icon="clock", standing="now" if is_sent else "later", words=expected)
