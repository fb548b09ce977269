"""How a page speaks of limits and of second people: what one's yes would come to, and who has said yes already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from recoup.kernel.money import spoken
from recoup.refunds import queries as cases
from recoup.refunds.queries import Outlook, SaidYes, Why
from recoup.refunds.views import CaseView
from recoup.web.review.view_models import Ahead, YesNotice
from recoup.web.staff.desk import Desk

HALF_DONE = "approve-half"
#: What is read after a yes that takes another one.
KEPT = "Your yes is kept. Nothing is paid until a second person has approved it too."

_WHYS = {
    Why.ABOVE_LIMIT: "it is more than you may approve alone",
    Why.ADDS_UP: "together with what was approved for this order or this shopper within a day, it is more than you may"
    " approve alone",
    Why.OTHER_CURRENCY: "it is in another currency than your company's limits",
    Why.AMOUNT: "your company wants two people to approve an amount like this",
    Why.RISK: "your company wants two people to approve where there are signs of risk like these",
    Why.REASON: "your company wants two people to approve a request with this reason",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What waits for a second person in this case, and how much whoever looks may approve alone."""

    said: tuple[SaidYes, ...]
    limit_words: str

    @property
    def good_one(self) -> SaidYes | None:
        """The yes that one more can complete."""
        return next((yes for yes in self.said if yes.is_good), None)


def standing(case: CaseView, desk: Desk, *, at: datetime) -> Standing:
    """As it is now; nothing for people who approve no cases."""
    if not desk.may("cases:approve"):
        return Standing(said=(), limit_words="")
    return Standing(
        said=tuple(cases.yeses_that_wait(merchant_id=case.merchant_id, case_id=case.id, at=at)),
        limit_words=limit_words(desk, at=at),
    )


def limit_words(desk: Desk, *, at: datetime) -> str:
    """How much this person may approve alone; nothing when there is no limit."""
    limit_minor = cases.limit_of(merchant_id=desk.company.id, by=desk.actor, at=at)
    return "" if limit_minor is None else f"You may approve up to {spoken(limit_minor, desk.company.currency)} alone."


def notices(found: Standing, desk: Desk) -> tuple[YesNotice, ...]:
    """Each yes as colleagues read it."""
    return tuple(_notice(yes, desk) for yes in found.said)


def ahead(outlook: Outlook, found: Standing, desk: Desk) -> Ahead:
    """What is read before a yes: that it is enough, or that it goes to a second person, and why."""
    other = found.good_one if found.good_one and found.good_one.actor != desk.actor else None
    if outlook.ruling.is_enough:
        told = f"{other.name} has approved the same. With your yes it is complete: the money is sent." if other else ""
        return Ahead(goes_on=False, words=told)
    whys = "; ".join(_WHYS[why] for why in outlook.ruling.whys)
    told = f"This goes to a second person, because {whys}."
    if other and outlook.ruling.people < 2:
        told += f" What {other.name} approved is not the same as this, so it does not count together with yours."
    return Ahead(
        goes_on=True, words=f"{told} Nothing is paid, and the shopper is told nothing, before they approve it."
    )


def _notice(yes: SaidYes, desk: Desk) -> YesNotice:
    who = "You" if yes.actor == desk.actor else yes.name
    if not yes.is_good:
        what = "It counts no more: the case has changed since, or whoever said it may not approve any longer."
    elif yes.actor == desk.actor:
        what = "A second person has to approve the same before anything is paid."
    else:
        what = "It needs a second person. Approve the same, and the money is sent; or decide otherwise."
    return YesNotice(
        title=f"{who} approved {spoken(yes.amount_minor, yes.currency)}",
        at=yes.at,
        lines=_lines(yes),
        note=yes.note,
        words=what,
        is_good=yes.is_good,
    )


def _lines(yes: SaidYes) -> Sequence[str]:
    return tuple(
        f"{quantity} \N{MULTIPLICATION SIGN} {title}: {spoken(minor, yes.currency)}"
        for title, quantity, minor in yes.lines
        if minor
    )
