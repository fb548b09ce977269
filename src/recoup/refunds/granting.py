"""How much a person's yes pays: whole units at their frozen worth, or less; never more than they cost the shopper.

What a line says is what the shopper gets for it in all. So a second yes, after an appeal, pays the difference to what
was granted before: units that are not paid yet, and what the first yes left out of those that are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from recoup.kernel import units
from recoup.kernel.errors import Invalid
from recoup.kernel.money import spoken
from recoup.refunds import claims as claiming
from recoup.refunds import judging
from recoup.refunds.claims import LineClaim, NoSuchLine
from recoup.refunds.dossier import Dossier, DossierLine
from recoup.refunds.holding import Holding
from recoup.refunds.models import Case, CaseLine
from recoup.refunds.rejudging import worth_of
from recoup.refunds.requests import LineGrant
from recoup.refunds.settling import GrantedLine


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLine:
    """A line that the case asks for. `held`: units it was granted before, with `held_minor` for them; `free`: asked
    units that nobody has claimed, as many as can still be paid.
    """

    line: DossierLine
    asked: int
    held: units.Spans = field(default_factory=list)
    held_minor: int = 0
    free: units.Spans

    @property
    def most(self) -> int:
        """How many of the asked units can be paid in all."""
        return units.count(self.held) + units.count(self.free)

    def claim(self, quantity: int) -> LineClaim:
        """The lowest free units, so many more than are held."""
        more = max(0, quantity - units.count(self.held))
        return LineClaim(line=self.line, quantity=self.asked, spans=_first(self.free, more))

    def worth_minor(self, quantity: int) -> int:
        """What so many units cost the shopper, in minor units: the held ones, then the lowest free ones."""
        held = LineClaim(line=self.line, quantity=self.asked, spans=self.held)
        return worth_of(held) + worth_of(self.claim(quantity))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grantable:
    """What a yes can pay: lines, what is left of the delivery cost, what was kept back of an earlier grant.

    `delivery_granted_minor` is what the case was granted of the delivery cost before.
    """

    currency: str
    lines: tuple[AskedLine, ...]
    delivery_minor: int
    delivery_granted_minor: int
    kept_back_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidLine:
    """A line as the shopper will have it: so many of the asked units, and what is paid for them in all."""

    title: str
    asked: int
    quantity: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What a yes does. `new_minor` is paid now, `delivery_minor` and `kept_minor` within; `before_minor` was before."""

    currency: str
    lines: tuple[PaidLine, ...]
    added: tuple[GrantedLine, ...]
    before_minor: int
    delivery_minor: int
    kept_minor: int

    @property
    def new_minor(self) -> int:
        return sum(line.amount_minor for line in self.added) + self.delivery_minor + self.kept_minor

    @property
    def total_minor(self) -> int:
        return self.before_minor + self.new_minor


def asked_lines(case: Case, dossier: Dossier) -> list[AskedLine]:
    """What the case asks for, line by line, with what of it can still be paid.

    Once something is granted, what was asked for stays what it was then: the same article on another line does not
    take the place of units that the case holds already.
    """
    rows = {row.order_line_id: row for row in CaseLine.objects.filter(case_id=case.id)}
    if not any(row.units for row in rows.values()):
        return [AskedLine(line=claim.line, asked=claim.quantity, free=claim.spans) for claim in _claims(case, dossier)]
    return [_standing(line, rows[line.id]) for line in dossier.lines if line.id in rows]


def kept_back_minor(case: Case, lines: Sequence[AskedLine], held: Holding) -> int:
    """What of granted units and delivery is not paid: a fee that policy kept, or a payment that was called off."""
    granted = sum(line.held_minor for line in lines) + case.shipping_granted_minor
    return max(0, granted - held.live_minor) if held.live_minor else 0


def delivery_left_minor(dossier: Dossier) -> int:
    """What of the order's delivery cost nobody has got back."""
    order = dossier.order
    return order.shipping_minor + order.shipping_tax_minor - order.shipping_claimed_minor if order else 0


def approval(
    case: Case,
    dossier: Dossier,
    held: Holding,
    *,
    grants: Sequence[LineGrant] | None,
    with_delivery: bool,
    with_kept_back: bool,
) -> Approval:
    """What these grants pay; None pays everything that was asked for. Raises NoSuchLine, Invalid."""
    lines = asked_lines(case, dossier)
    wanted = _in_full(lines) if grants is None else _by_line(grants, lines)
    currency = dossier.order.currency if dossier.order else case.currency
    added = [_added(line, wanted[line.line.id], currency) for line in lines if line.line.id in wanted]
    return Approval(
        currency=currency,
        lines=tuple(_paid(line, wanted.get(line.line.id)) for line in lines),
        added=tuple(one for one in added if one.amount_minor > 0),
        before_minor=held.live_minor,
        delivery_minor=delivery_left_minor(dossier) if with_delivery else 0,
        kept_minor=kept_back_minor(case, lines, held) if with_kept_back or grants is None else 0,
    )


def _claims(case: Case, dossier: Dossier) -> list[LineClaim]:
    if dossier.order is None:
        return []
    try:
        return claiming.claims_of(dossier, judging.wanted_items(case))
    except NoSuchLine:
        return []


def _standing(line: DossierLine, row: CaseLine) -> AskedLine:
    still_asked = max(0, row.quantity - units.count(row.units))
    return AskedLine(
        line=line,
        asked=row.quantity,
        held=row.units,
        held_minor=row.amount_minor,
        free=units.lowest_free(line.claimed, quantity=line.quantity, wanted=still_asked),
    )


def _in_full(lines: Sequence[AskedLine]) -> dict[object, LineGrant]:
    return {line.line.id: LineGrant(line_id=line.line.id, quantity=line.most) for line in lines if line.most}


def _by_line(grants: Sequence[LineGrant], lines: Sequence[AskedLine]) -> dict[object, LineGrant]:
    wanted: dict[object, LineGrant] = {grant.line_id: grant for grant in grants}
    if len(wanted) != len(grants):
        raise Invalid("Name each line once")
    unknown = set(wanted) - {line.line.id for line in lines}
    if unknown:
        raise NoSuchLine(f"The case does not ask for {', '.join(sorted(str(line_id) for line_id in unknown))}")
    return wanted


def _added(line: AskedLine, grant: LineGrant, currency: str) -> GrantedLine:
    """The new units and the new money of a line. Raises Invalid."""
    title, held = line.line.title, units.count(line.held)
    if grant.quantity > line.asked:
        raise Invalid(f"{title}: {line.asked} asked for, so {grant.quantity} cannot be paid")
    if grant.quantity > line.most:
        raise Invalid(f"{title}: only {line.most} can be paid, the others are refunded or promised already")
    if grant.quantity < held:
        raise Invalid(f"{title}: {held} are granted already, and stay granted")
    worth = line.worth_minor(grant.quantity)
    amount_minor = worth if grant.amount_minor is None else grant.amount_minor
    if amount_minor > worth:
        raise Invalid(f"{title}: at most {spoken(worth, currency)} can be paid for {grant.quantity}")
    if amount_minor < line.held_minor:
        raise Invalid(f"{title}: {spoken(line.held_minor, currency)} are granted already, and stay granted")
    if amount_minor == line.held_minor and grant.quantity > held and worth > line.held_minor:
        raise Invalid(f"{title}: {grant.quantity} would be paid with nothing; leave the line out instead")
    return GrantedLine(claim=line.claim(grant.quantity), amount_minor=amount_minor - line.held_minor)


def _paid(line: AskedLine, grant: LineGrant | None) -> PaidLine:
    quantity = grant.quantity if grant else units.count(line.held)
    amount_minor = line.held_minor
    if grant:
        amount_minor = line.worth_minor(quantity) if grant.amount_minor is None else grant.amount_minor
    return PaidLine(title=line.line.title, asked=line.asked, quantity=quantity, amount_minor=amount_minor)


def _first(spans: units.Spans, wanted: int) -> units.Spans:
    """The lowest `wanted` units of these."""
    taken: units.Spans = []
    for start, to in spans:
        if wanted <= 0:
            break
        taken.append((start, min(to, start + wanted)))
        wanted -= taken[-1][1] - start
    return taken
