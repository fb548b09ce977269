"""What the policy would say now, as the shopper reads it before confirming."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from recoup.kernel import units
from recoup.kernel.money import spoken
from recoup.orders.queries import OrderView
from recoup.payments import transactional as payments
from recoup.refunds.policy import Outcome, Verdict, in_words
from recoup.refunds.policy.verdict import LineVerdict
from recoup.refunds.policy.words import OPENINGS, sentence
from recoup.refunds.queries import AskedLine, Grantable
from recoup.web.shopper import routes
from recoup.web.shopper.view_models import Outlook, Route, SumLine

_HEADINGS = {
    Outcome.APPROVE: "You get back",
    Outcome.APPROVE_PARTLY: "You get back a part",
    Outcome.REJECT: "The shop's policy does not cover this",
    Outcome.ASK_EVIDENCE: "One more thing is needed",
    Outcome.ASK_GOODS: "The goods are needed back first",
    Outcome.ASK_PERSON: "A person will decide this",
}
_BUTTONS = {
    Outcome.APPROVE: "Confirm my refund",
    Outcome.APPROVE_PARTLY: "Confirm my refund",
    Outcome.REJECT: "Ask anyway",
    Outcome.ASK_EVIDENCE: "Send it without",
    Outcome.ASK_GOODS: "Confirm and send the goods back",
    Outcome.ASK_PERSON: "Send it to a person",
}
_NUMBER = "You get a case number and an e-mail right away."
_NEXT = {
    Outcome.APPROVE: (_NUMBER, "Your money is sent, usually within a minute.", "The case's page tells you when."),
    Outcome.APPROVE_PARTLY: (
        _NUMBER,
        "Your money is sent, usually within a minute.",
        "If you see the rest differently, tell us there: a person reads it.",
    ),
    Outcome.REJECT: (_NUMBER, "You can tell us why you disagree: a person reads it and answers you."),
    Outcome.ASK_EVIDENCE: (_NUMBER, "You can add it later on the case's page, within 14 days."),
    Outcome.ASK_GOODS: (
        _NUMBER,
        "The page tells you how to send the goods back.",
        "Once they are checked in, your refund is approved and sent.",
    ),
    Outcome.ASK_PERSON: (_NUMBER, "A person answers you here and by e-mail, usually within a day."),
}
_COMPONENTS = (
    ("goods_minor", "Price"),
    ("discount_minor", "Your discount then"),
    ("tax_minor", "Tax"),
    ("fee_minor", "Fee"),
)
_FEES = {"restocking": "Kept by the shop: restocking", "return_shipping": "Kept by the shop: sending back"}
_SAID_ABOVE = (Outcome.APPROVE, Outcome.APPROVE_PARTLY, Outcome.ASK_GOODS)
_FINAL = frozenset({Outcome.APPROVE, Outcome.APPROVE_PARTLY, Outcome.REJECT})
_EVIDENCE = "With it, most requests like yours are decided at once."
_PHOTOS = frozenset({"item", "damage", "label", "parcel", "receipt", "screenshot"})

_UNKNOWN = (
    "A person will look for your order",
    "We do not know this order yet. Send your request now; the shop is asked, and you hear from us.",
    "Send my request",
)
_NEXT_UNKNOWN = (
    _NUMBER,
    "We ask the shop for your order.",
    "A person answers you here and by e-mail, usually within a day.",
)
#: Every text of this module, for the catalogues.
TEXTS: tuple[str, ...] = (
    *(text for table in (_HEADINGS, _BUTTONS, _FEES) for text in table.values()),
    *(step for steps in _NEXT.values() for step in steps),
    *(words for _, words in _COMPONENTS),
    *(_EVIDENCE, *_UNKNOWN, *_NEXT_UNKNOWN),
)


def unknown() -> Outlook:
    """What comes next for an order that nobody has told us of."""
    heading, words, button = (gettext(text) for text in _UNKNOWN)
    steps = tuple(gettext(step) for step in _NEXT_UNKNOWN)
    return Outlook(heading=heading, words=words, button=button, next_steps=steps)


def outlook(verdict: Verdict, order: OrderView, *, strategy: str) -> Outlook:
    """The verdict with its sum, its destinations and what comes next."""
    is_at_stake = verdict.proposed_minor > 0
    return Outlook(
        heading=gettext(_HEADINGS[verdict.outcome]),
        words=gettext(_EVIDENCE)
        if verdict.outcome is Outcome.ASK_EVIDENCE
        else without_opening(in_words(verdict, say=gettext), verdict.total_minor, verdict.currency),
        button=gettext(_BUTTONS[verdict.outcome]),
        total=spoken(verdict.total_minor, verdict.currency) if verdict.grants else "",
        asks=(sentence(verdict.words, asks=verdict.asks, say=gettext),)
        if verdict.outcome is Outcome.ASK_EVIDENCE
        else (),
        wants_photos=bool(_PHOTOS & set(verdict.asks)),
        lines=sum_lines(verdict) if is_at_stake else (),
        total_of_lines=spoken(verdict.proposed_minor, verdict.currency),
        total_name="You get back" if verdict.grants else "You would get back",
        routes=_routes(verdict, order, strategy=strategy) if is_at_stake else (),
        next_steps=tuple(gettext(step) for step in _NEXT[verdict.outcome]),
        can_be_withdrawn=verdict.outcome not in _FINAL,
        can_be_undone=verdict.grants,
    )


def without_opening(words: str, amount_minor: int, currency: str) -> str:
    """The words without "Approved: S$18.90." or the like, where the heading says that, or must not say it yet."""
    if not currency:
        return words
    amount = spoken(amount_minor, currency)
    for outcome in _SAID_ABOVE:
        for opening in (OPENINGS[outcome], gettext(OPENINGS[outcome])):
            words = words.removeprefix(opening.format(amount=amount)).strip()
    return words


def sum_lines(verdict: Verdict) -> tuple[SumLine, ...]:
    """Every component of the sum; a line of one component needs no parts."""
    lines = [row for line in verdict.lines for row in _of_a_line(line, verdict.currency)]
    delivery = verdict.shipping_minor + verdict.shipping_tax_minor
    if delivery:
        lines.append(SumLine(name=gettext("Delivery"), amount=spoken(delivery, verdict.currency)))
    lines += [
        SumLine(name=gettext(_FEES[fee.code]), amount=spoken(fee.amount_minor, verdict.currency))
        for fee in verdict.deductions
    ]
    return tuple(lines)


def granted_lines(granted: Grantable, *, total_minor: int) -> tuple[SumLine, ...]:
    """What a person granted, line by line; what they lowered, and what is paid or kept beside the lines."""
    told = [row for line in granted.lines for row in _of_a_grant(line, granted.currency)]
    delivery = granted.delivery_granted_minor
    if delivery:
        told.append(SumLine(name=gettext("Delivery"), amount=spoken(delivery, granted.currency)))
    kept = total_minor - delivery - sum(line.held_minor for line in granted.lines)
    if kept:
        told.append(SumLine(name=gettext("Kept by the shop, or not paid"), amount=spoken(kept, granted.currency)))
    return tuple(told)


def _of_a_grant(line: AskedLine, currency: str) -> list[SumLine]:
    count = units.count(line.held)
    if not count:
        return [
            SumLine(name=gettext("{title}: not included").format(title=line.line.title), amount=spoken(0, currency))
        ]
    many = gettext("{count} of {asked}").format(count=count, asked=line.asked) if count < line.asked else str(count)
    worth = line.worth_minor(count)
    told = [SumLine(name=f"{line.line.title} \N{MULTIPLICATION SIGN} {many}", amount=spoken(worth, currency))]
    if line.held_minor < worth:
        lowered = spoken(line.held_minor - worth, currency)
        told.append(SumLine(name=gettext("Lowered by the person who decided"), amount=lowered))
    return told


def _of_a_line(line: LineVerdict, currency: str) -> list[SumLine]:
    if line.outcome is Outcome.REJECT:
        return [SumLine(name=gettext("{title}: not included").format(title=line.title), amount=spoken(0, currency))]
    parts = [(getattr(line, name), words) for name, words in _COMPONENTS]
    told = [
        SumLine(name=gettext(words), amount=spoken(minor, currency), is_part=True) for minor, words in parts if minor
    ]
    name = f"{line.title} \N{MULTIPLICATION SIGN} {line.quantity}"
    whole = SumLine(name=name, amount=spoken(line.total_minor, currency))
    return [whole, *told] if len(told) > 1 else [whole]


def _routes(verdict: Verdict, order: OrderView, *, strategy: str) -> tuple[Route, ...]:
    sources = [
        payments.Source(
            capture_id=capture.id,
            rail_account_id=capture.rail_account_id,
            provider_charge_id=capture.provider_charge_id,
            currency=capture.currency,
            refundable_minor=max(0, capture.refundable_minor),
        )
        for capture in order.captures
    ]
    try:
        legs = payments.plan(amount_minor=verdict.proposed_minor, sources=sources, strategy=strategy)
    except payments.OverRefund:
        return ()
    return legs_as_routes(legs, order)


def legs_as_routes(legs: Sequence[tuple[payments.Source, int]], order: OrderView) -> tuple[Route, ...]:
    """Each leg with its capture's masked label and real speed."""
    captures = {capture.id: capture for capture in order.captures}
    return tuple(
        routes.route(
            method=captures[source.capture_id].method,
            label=captures[source.capture_id].label,
            amount_minor=amount_minor,
            currency=source.currency,
        )
        for source, amount_minor in legs
    )
