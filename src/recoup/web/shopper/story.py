"""The events of a case as the shopper reads them, newest first. What is nobody's business but ours is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from django.utils.translation import gettext

from recoup.kernel.money import spoken
from recoup.web.shopper.view_models import Happening, Tone


class Event(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


#: kind -> title, words, icon, tone. `{amount}` is the event's own amount, where it has one.
_WORDS: dict[str, tuple[str, str, str, Tone]] = {
    "case.submitted": ("You asked for a refund", "We sent you the case number by e-mail.", "mail", "plain"),
    "case.verifying_order": (
        "We asked the shop for your order",
        "The order was not in our copy yet.",
        "clock",
        "waiting",
    ),
    "case.needs_evidence": ("We asked you for one more thing", "", "hand", "yours"),
    "case.evidence_added": ("You showed us more", "Thank you. It is being looked at.", "photo", "plain"),
    "case.awaiting_return": ("The goods are needed back", "", "box", "yours"),
    "case.goods_graded": ("Your goods have arrived", "They were checked in.", "box", "plain"),
    "case.in_review": (
        "A person took over",
        "They read everything and answer you here and by e-mail.",
        "person",
        "waiting",
    ),
    "case.approved": ("Approved", "Approved means: the money will be sent now.", "check", "good"),
    "case.partly_approved": (
        "Approved in part",
        "The page says which articles are included, and why.",
        "check",
        "good",
    ),
    "case.rejected": ("Not approved", "The reason stands above. You can tell us why you disagree.", "no", "wrong"),
    "case.appealed": ("You told us why you disagree", "A person reads it.", "hand", "plain"),
    "case.withdrawn": ("You withdrew the request", "Nothing is paid.", "undo", "plain"),
    "case.expired": ("The case ended", "We did not hear from you in time.", "clock", "plain"),
    "case.initiated": ("Your money was sent", "Every part has been accepted by the payment provider.", "sent", "good"),
    "case.credited": ("Your money is there", "The payment provider has confirmed it.", "check", "good"),
    "case.reopened": ("The case was opened again", "A person is looking at it.", "person", "waiting"),
    "payout.succeeded": (
        "{amount} confirmed by the payment provider",
        "Your bank still needs its time to show it.",
        "check",
        "good",
    ),
    "payout.failed": ("A payment of {amount} did not go through", "A person is finding another way.", "wrong", "wrong"),
    "payout.reversed": ("A payment of {amount} came back to us", "A person is finding another way.", "wrong", "wrong"),
    "payout.unknown": (
        "We are checking a payment of {amount}",
        "We ask the provider before anything is sent again.",
        "clock",
        "waiting",
    ),
    "payout.awaiting_funds": (
        "{amount} waits for the shop's account",
        "We try again by ourselves.",
        "clock",
        "waiting",
    ),
}
#: Every text of this table, for the catalogues.
TEXTS: tuple[str, ...] = tuple(text for told in _WORDS.values() for text in told[:2] if text)


def timeline(events: Iterable[Event]) -> tuple[Happening, ...]:
    """The happenings of a case, newest first."""
    told = [_told(event) for event in events if event.kind in _WORDS]
    return tuple(reversed(told))


def _told(event: Event) -> Happening:
    title, words, icon, tone = _WORDS[event.kind]
    amount = ""
    if "amount_minor" in event.data and event.data.get("currency"):
        amount = spoken(int(event.data["amount_minor"]), str(event.data["currency"]))
    return Happening(
        at=event.at,
        title=gettext(title).format(amount=amount or gettext("your money")),
        words=words and gettext(words),
        icon=icon,
        tone=tone,
    )
