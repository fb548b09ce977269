"""A yes on the page: which units the reviewer chose, what that pays, and how the shopper will read it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http.request import QueryDict

from recoup.kernel import units
from recoup.kernel.errors import Invalid
from recoup.kernel.money import NotAnAmount, minor_from_text, spoken, text_from_minor
from recoup.refunds import queries as cases
from recoup.refunds.queries import Approval, AskedLine, Grantable, SaidYes
from recoup.refunds.requests import LineGrant
from recoup.refunds.views import CaseView
from recoup.web.review.view_models import Choice, Extra

_APPROVED = "A person looked at your case and approved it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What can be chosen, as the page shows it, and the lines behind it by their keys."""

    choices: tuple[Choice, ...]
    extras: tuple[Extra, ...]
    lines: dict[str, AskedLine]


def offer(case: CaseView, given: QueryDict | None, *, at: datetime, said: SaidYes | None = None) -> Offer:
    """What a yes can pay now, with what was typed on it; at first what a colleague `said` yes to, or everything."""
    grantable = cases.can_be_granted(merchant_id=case.merchant_id, case_id=case.id, at=at)
    if given is None and said is not None:
        given = _typed_by(said, grantable)
    choices = tuple(_choice(line, grantable.currency) for line in grantable.lines if line.most)
    return Offer(
        choices=choices if given is None else tuple(_as_typed(choice, given) for choice in choices),
        extras=_extras(grantable, set(given.getlist("with")) if given is not None else set()),
        lines={str(line.line.id): line for line in grantable.lines},
    )


def wish(offered: Offer) -> dict[str, Any]:
    """The words for `approve` and its preview. Raises Invalid with the line that is wrong."""
    chosen = {extra.code for extra in offered.extras if extra.is_chosen}
    return {
        "lines": [_grant(choice, offered.lines[choice.key]) for choice in offered.choices if choice.is_chosen],
        "with_delivery": "delivery" in chosen,
        "with_kept_back": "kept-back" in chosen,
    }


def told(approval: Approval, *, asked_minor: int, words: str) -> str:
    """What the shopper will read: the sum, what is in it, what is not, and the reviewer's words."""
    is_whole = approval.total_minor >= asked_minor
    told = [f"Approved{'' if is_whole else ' in part'}: {_spoken(approval, approval.total_minor)}."]
    if approval.before_minor:
        told.append(f"{_spoken(approval, approval.new_minor)} of it is new.")
    told += [words or _APPROVED, ""]
    told += [
        f"{line.quantity} \N{MULTIPLICATION SIGN} {line.title}: {_spoken(approval, line.amount_minor)}"
        for line in approval.lines
        if line.amount_minor
    ]
    if approval.delivery_minor:
        told.append(f"Delivery: {_spoken(approval, approval.delivery_minor)}")
    if approval.kept_minor:
        told.append(f"Kept back before: {_spoken(approval, approval.kept_minor)}")
    left_out = [_left_out(line.title, line.asked, line.quantity if line.amount_minor else 0) for line in approval.lines]
    if any(left_out):
        told.append(f"Not included: {'; '.join(filter(None, left_out))}")
    return "\n".join(told)


def _typed_by(said: SaidYes, grantable: Grantable) -> QueryDict:
    """The form as it was when that yes was said."""
    typed = QueryDict(mutable=True)
    lines = {str(line.line.id): line for line in grantable.lines}
    wanted = said.wish["lines"]
    if wanted is None:
        wanted = [[key, line.most, None] for key, line in lines.items() if line.most]
    for key, many, amount_minor in wanted:
        typed.appendlist("line", key)
        typed[f"many-{key}"] = str(many)
        if amount_minor is not None and key in lines and (less := lines[key].worth_minor(many) - amount_minor):
            typed[f"less-{key}"] = text_from_minor(less, grantable.currency)
    extras = {
        "delivery": said.wish["with_delivery"],
        "kept-back": said.wish["with_kept_back"] or said.wish["lines"] is None,
    }
    typed.setlist("with", [code for code, is_chosen in extras.items() if is_chosen])
    return typed


def _choice(line: AskedLine, currency: str) -> Choice:
    held, most = units.count(line.held), line.most
    notes = [f"Asked for: {line.asked} of {line.line.quantity} bought"]
    if most:
        notes.append(f"{most} cost{'s' if most == 1 else ''} {spoken(line.worth_minor(most), currency)}")
    if held:
        notes.append(f"{held} granted before, with {spoken(line.held_minor, currency)}: say what is paid in all")
    if most < line.asked:
        notes.append(f"{line.asked - most} refunded or promised in another case")
    return Choice(
        key=str(line.line.id),
        name=line.line.title,
        notes=tuple(notes),
        held=held,
        most=most,
        currency=currency,
        is_chosen=True,
        chosen=most,
    )


def _as_typed(choice: Choice, given: QueryDict) -> Choice:
    many = given.get(f"many-{choice.key}", "").strip()
    return replace(
        choice,
        is_chosen=choice.key in given.getlist("line"),
        chosen=int(many) if many.isdecimal() and len(many) < 9 else 0,
        less=given.get(f"less-{choice.key}", "").strip()[:20],
    )


def _extras(grantable: Grantable, chosen: set[str]) -> tuple[Extra, ...]:
    offered = (
        ("delivery", "Delivery", "What is left of the delivery cost", grantable.delivery_minor),
        ("kept-back", "What was kept back", "Of what was granted before and not paid", grantable.kept_back_minor),
    )
    return tuple(
        Extra(
            code=code,
            words=f"{words}, {spoken(minor, grantable.currency)}",
            hint=hint,
            is_chosen=code in chosen,
        )
        for code, words, hint, minor in offered
        if minor > 0
    )


def _grant(choice: Choice, line: AskedLine) -> LineGrant:
    if not choice.least <= choice.chosen <= choice.most:
        raise Invalid(f"{choice.name}: choose a number from {choice.least} to {choice.most}")
    worth = line.worth_minor(choice.chosen)
    try:
        less = minor_from_text(choice.less.replace(",", ""), choice.currency) if choice.less else 0
    except NotAnAmount as problem:
        raise Invalid(f"{choice.name}: {problem}") from None
    most_off = worth - line.held_minor
    if not 0 <= less <= most_off:
        raise Invalid(f"{choice.name}: at most {spoken(most_off, choice.currency)} can be taken off")
    return LineGrant(line_id=line.line.id, quantity=choice.chosen, amount_minor=worth - less)


def _left_out(title: str, asked: int, paid: int) -> str:
    return f"{asked - paid} \N{MULTIPLICATION SIGN} {title}" if asked > paid else ""


def _spoken(approval: Approval, amount_minor: int) -> str:
    return spoken(amount_minor, approval.currency)
