"""States, programs, queues and deeds in the words that operators read."""

from __future__ import annotations

from datetime import timedelta

from recoup.payments.states import PayoutState
from recoup.refunds.states import CaseState

#: Short enough to stand in a box of the picture.
CASE_STATES: dict[str, str] = {
    CaseState.SUBMITTED: "Asked for",
    CaseState.VERIFYING_ORDER: "Waits for the order",
    CaseState.NEEDS_EVIDENCE: "Waits for photos",
    CaseState.AWAITING_RETURN: "Waits for the goods",
    CaseState.IN_REVIEW: "A person decides",
    CaseState.APPROVED: "Approved",
    CaseState.PARTLY_APPROVED: "Approved in part",
    CaseState.REJECTED: "Rejected",
    CaseState.APPEALED: "Appealed",
    CaseState.WITHDRAWN: "Withdrawn",
    CaseState.EXPIRED: "Expired",
    CaseState.CLOSED: "Closed",
}
PAYOUT_STATES: dict[str, str] = {
    PayoutState.QUEUED: "In line",
    PayoutState.SUBMITTING: "Being sent",
    PayoutState.UNKNOWN: "Answer unknown",
    PayoutState.PROVIDER_PENDING: "At the provider",
    PayoutState.SUCCEEDED: "Succeeded",
    PayoutState.FAILED: "Failed",
    PayoutState.REVERSED: "Came back",
    PayoutState.AWAITING_MERCHANT_FUNDS: "Waits for funds",
    PayoutState.CANCELED: "Called off",
}
PROGRAMS: dict[str, str] = {
    "web": "Pages, API and webhooks in",
    "live": "Tells open pages to look again",
    "worker": "Does what waits",
    "vault": "Pays, with the sealed keys",
}
PARTS: dict[str, str] = {
    "money": "answers of providers",
    "events": "what follows from what happened",
    "cases": "cases whose clock has come",
    "look-ups": "orders that somebody waits for",
    "messages": "letters and messages",
    "texts": "texts (SMS)",
    "callbacks": "webhooks to companies",
    "chores": "measuring, sealing, tidying",
    "pages": "",
    "payments": "",
}
QUEUES: dict[str, str] = {
    "payouts": "A payment",
    "receipts": "What a provider told us",
    "cases": "A case",
    "messages": "A message",
}
DEEDS: dict[str, str] = {
    "payout.released": "ran a payment again",
    "receipt.released": "ran what a provider told us again",
    "case.released": "ran a case again",
    "message.released": "ran a message again",
    "rail.switched_off": "stopped payments",
    "rail.switched_on": "let payments go on",
    "company.verified": "gave the verified badge",
    "company.unverified": "took the verified badge away",
}
WHYS: dict[str, str] = {
    "company_asked": "The company asked for it",
    "provider_down": "The provider has trouble",
    "suspicion": "Something looks wrong with the payments",
    "papers_checked": "The company's papers were checked",
    "papers_missing": "Papers are missing or out of date",
    "mended": "What was wrong is mended",
    "drill": "A drill",
}
ACTORS: dict[str, str] = {
    "shopper": "the shopper",
    "policy": "the company's policy",
    "clock": "the clock",
    "rail": "the payment provider",
    "person": "a person",
    "key": "a key of the company's server",
    "client": "an app of the company's server",
    "guest": "a guest",
}


def took(span: timedelta | None) -> str:
    """How long something lasted, to the tenth while it is short; empty when it still goes on."""
    if span is None:
        return ""
    seconds = max(0.0, span.total_seconds())
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for unit, size, smaller, part in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit} {rest} {smaller}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"


def actor(code: str) -> str:
    """Who did it, as the history names them: what they are, and the beginning of their id."""
    kind, _, name = code.partition(":")
    words = ACTORS.get(kind, kind)
    return f"{words} ({name[:8]})" if name else words


def plain(code: str) -> str:
    """A code as words."""
    return code.replace("_", " ").replace(".", ": ")
