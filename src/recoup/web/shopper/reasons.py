"""The reasons a shopper can pick, in their words, and what helps with each. Their own words come first."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from recoup.refunds.policy.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One reason on the page. `hint` says up front what is needed."""

    code: str
    words: str
    hint: str = ""
    is_chosen: bool = False


_PHOTO_OF_DAMAGE = "Helps: a photo that shows what is wrong."
_COMMON = {
    Reason.DAMAGED: ("It arrived damaged", _PHOTO_OF_DAMAGE),
    Reason.DEFECTIVE: ("It does not work", _PHOTO_OF_DAMAGE),
    Reason.WRONG_ITEM: ("I got the wrong thing", "Helps: a photo of what you got."),
    Reason.NOT_ARRIVED: ("It never arrived", "No photo needed."),
    Reason.MISSING_ITEM: ("Something was missing", "Helps: a photo of the parcel as it came."),
    Reason.CHANGED_MIND: ("I changed my mind", "No photo needed."),
}
_RARE = {
    Reason.WRONG_SIZE: ("It does not fit", "No photo needed."),
    Reason.NOT_AS_DESCRIBED: ("It is not what the shop promised", "Helps: a photo that shows the difference."),
    Reason.LATE: ("It came too late", "No photo needed."),
    Reason.CANCELLED_BEFORE_DISPATCH: ("I cancelled before it was sent", "No photo needed."),
    Reason.DUPLICATE_ORDER: ("I ordered it twice by mistake", "No photo needed."),
    Reason.OVERCHARGED: ("I was charged too much", "Please write what you expected to pay."),
    Reason.OTHER: ("Something else", "Please write it in your own words above."),
}
#: Every text of this module, for the catalogues.
TEXTS: tuple[str, ...] = tuple(text for told in (*_COMMON.values(), *_RARE.values()) for text in told)

#: Words that give a reason away, the most telling first. What nothing here recognises is `other`: a person reads it.
_GIVEAWAYS: tuple[tuple[Reason, tuple[str, ...]], ...] = (
    (Reason.DUPLICATE_ORDER, ("twice", "duplicate", "ordered two by mistake")),
    (Reason.OVERCHARGED, ("charged too much", "overcharged", "wrong price", "charged more")),
    (Reason.CANCELLED_BEFORE_DISPATCH, ("cancelled", "canceled", "cancel my order")),
    (
        Reason.NOT_ARRIVED,
        ("never arrived", "not arrived", "never came", "did not arrive", "didn't arrive", "not received"),
    ),
    (Reason.MISSING_ITEM, ("missing", "was not in the box", "not in the parcel")),
    (Reason.WRONG_SIZE, ("too small", "too big", "too large", "does not fit", "doesn't fit", "wrong size")),
    (
        Reason.WRONG_ITEM,
        ("wrong item", "wrong colour", "wrong color", "wrong thing", "wrong product", "different item"),
    ),
    (
        Reason.DAMAGED,
        ("broken", "damaged", "crack", "shattered", "torn", "scratch", "dent", "leak", "smashed", "chipped", "crushed"),
    ),
    (Reason.DEFECTIVE, ("not work", "doesn't work", "stopped working", "faulty", "defective", "won't turn on", "dead")),
    (Reason.NOT_AS_DESCRIBED, ("not as described", "not what", "looks different", "fake", "misleading")),
    (Reason.LATE, ("too late", "arrived late", "came late")),
    (
        Reason.CHANGED_MIND,
        ("changed my mind", "change my mind", "don't want", "do not want", "no longer need", "don't like"),
    ),
)


def common(chosen: str) -> list[Preset]:
    """The six reasons most people have, with the chosen one marked."""
    return _presets(_COMMON, chosen)


def rare(chosen: str) -> list[Preset]:
    """The other reasons."""
    return _presets(_RARE, chosen)


def is_rare(code: str) -> bool:
    """True for a reason that stands behind "More reasons"."""
    return code in {reason.value for reason in _RARE}


def in_words(code: str) -> str:
    """The reason as the English page names it."""
    words, _ = {**_COMMON, **_RARE}.get(Reason(code), _RARE[Reason.OTHER])
    return words


def understood(words: str) -> Reason:
    """The reason that the shopper's words most likely mean; `other` when nothing is recognised."""
    said = words.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return next((reason for reason, signs in _GIVEAWAYS if any(sign in said for sign in signs)), Reason.OTHER)


def _presets(listed: dict[Reason, tuple[str, str]], chosen: str) -> list[Preset]:
    return [
        Preset(code=reason.value, words=gettext(words), hint=hint and gettext(hint), is_chosen=reason.value == chosen)
        for reason, (words, hint) in listed.items()
    ]
