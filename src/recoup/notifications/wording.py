"""Which message says what: the templates, what they answer to, and which of them make an older one pointless."""

from __future__ import annotations

#: Every template, and after how many seconds it is sent. Somebody whose money is sent soon after the approval, as it is
#: when the time for undoing it has passed, gets one mail that says it all; the others hear of the approval after 40.
WAITS_S: dict[str, int] = {
    "one_time_code": 0,
    "case_received": 5,
    "needs_evidence": 0,
    "awaiting_return": 0,
    "in_review": 0,
    "approved": 40,
    "partly_approved": 40,
    "rejected": 0,
    "sent": 0,
    "credited": 0,
    "payout_failed": 0,
    "appeal_received": 0,
    "withdrawn": 0,
    "expired": 0,
    "webhooks_stopped": 0,
}

#: The message that an event asks for.
ANSWERS: dict[str, str] = {
    "case.submitted": "case_received",
    "case.needs_evidence": "needs_evidence",
    "case.awaiting_return": "awaiting_return",
    "case.in_review": "in_review",
    "case.approved": "approved",
    "case.partly_approved": "partly_approved",
    "case.rejected": "rejected",
    "case.appealed": "appeal_received",
    "case.withdrawn": "withdrawn",
    "case.expired": "expired",
    "case.initiated": "sent",
    "case.credited": "credited",
    "payout.failed": "payout_failed",
    "payout.reversed": "payout_failed",
}

#: Where the case stands until something else happens. Whatever is said next says it better, so a message of these that
#: still waits is not sent any more.
STANDINGS = frozenset(
    {
        "case_received",
        "needs_evidence",
        "awaiting_return",
        "in_review",
        "approved",
        "partly_approved",
        "appeal_received",
    }
)
#: A payment that failed was never good news: what is not sent yet of "sent" and "arrived" is not sent.
FAILED_NEWS = frozenset({"sent", "credited"})


def overtaken_by(template: str) -> frozenset[str]:
    """The templates whose waiting messages about the same case this one makes pointless."""
    if template == "payout_failed":
        return STANDINGS | FAILED_NEWS
    if template == "credited":  # money that is there at once is not also told to be on its way
        return STANDINGS | {"sent"}
    return frozenset() if template in {"case_received", "one_time_code"} else STANDINGS


def worth_saying(templates: list[str], *, is_reopened: bool) -> list[str]:
    """Of what one transaction would have us say about one case, what is said.

    "We have your request" is not said beside the answer to it, nor "a person looks at it" beside a message that says
    why a person does.
    """
    said = list(dict.fromkeys(templates))
    if len(said) > 1 and "case_received" in said:
        said.remove("case_received")
    if "in_review" in said and (is_reopened or "appeal_received" in said or "payout_failed" in said):
        said.remove("in_review")
    return said
