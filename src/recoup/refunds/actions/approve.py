"""A person says yes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid, Refusal
from recoup.refunds import dossier as dossiers
from recoup.refunds import locking, rejudging, settling
from recoup.refunds.claims import LineClaim, NoSuchLine
from recoup.refunds.holding import holding_of
from recoup.refunds.settling import AlreadyRefunded, GrantedLine
from recoup.refunds.states import CaseState
from recoup.refunds.views import CaseView, view_of


class NotYourOwn(Refusal):
    """Nobody approves a refund to themselves."""

    code = "not_your_own"
    status = 403
    title = "This is your own refund; somebody else must decide it"


@tenancy.action
def approve(
    *,
    merchant_id: UUID,
    case_id: UUID,
    by: str,
    at: datetime,
    by_email: str = "",
    amounts: Mapping[UUID, int] | None = None,
    with_delivery: bool = False,
    note: str = "",
) -> CaseView:
    """Approve a case and reserve its money. Nothing is paid yet; the vault does that.

    `amounts`: order line id -> minor units, never above the units' frozen worth; None pays every asked line in full.
    `with_delivery` pays back what is left of the delivery cost. `note` is read by the shopper. A case that holds money
    already (appealed after a partial yes) gets this on top of it.

    Raises NotFound, MoveNotAllowed, NotYourOwn, Invalid, AlreadyRefunded, OverRefund.
    """
    case = locking.case_for_update(case_id)
    locking.must_allow(case, CaseState.APPROVED)
    if by_email and by_email.lower() == case.email.lower():
        raise NotYourOwn
    dossier = dossiers.read(merchant_id=merchant_id, order_number=case.order_number, at=at, but=case.id)
    claims = rejudging.prepare_lines(case, dossier)
    _must_be_asked_for(amounts, claims)
    lines = [_granted(claim, amounts) for claim in claims]
    lines = [line for line in lines if line.amount_minor > 0]
    order = dossier.order
    if not lines or order is None:
        raise AlreadyRefunded("Nothing of this case is left to pay")
    delivery = order.shipping_minor + order.shipping_tax_minor - order.shipping_claimed_minor if with_delivery else 0
    case.currency = order.currency
    amount_minor = sum(line.amount_minor for line in lines) + delivery
    case.amount_minor = holding_of(case).live_minor + amount_minor
    case.shipping_granted_minor += delivery
    is_whole = case.amount_minor >= case.amount_requested_minor
    case.state = CaseState.APPROVED if is_whole else CaseState.PARTLY_APPROVED
    case.reason_code, case.rule = "person_decided", "person"
    case.explanation = note.strip() or "A person looked at your case and approved it."
    case.decided_at, case.wake_at, case.waits_for, case.asks = at, None, "", []
    case.keep()
    settling.reserve(case, dossier, lines, amount_minor=amount_minor, delivery_minor=delivery, at=at)
    events.record([settling.of_state(case, by=by, at=at)])
    return view_of(case)


def _must_be_asked_for(amounts: Mapping[UUID, int] | None, claims: Sequence[LineClaim]) -> None:
    unknown = set(amounts or ()) - {claim.line.id for claim in claims}
    if unknown:
        raise NoSuchLine(f"The case does not ask for {', '.join(sorted(str(line_id) for line_id in unknown))}")


def _granted(claim: LineClaim, amounts: Mapping[UUID, int] | None) -> GrantedLine:
    worth = rejudging.worth_of(claim)
    amount_minor = worth if amounts is None else amounts.get(claim.line.id, 0)
    if not 0 <= amount_minor <= worth:
        raise Invalid(f"{claim.line.title}: at most {worth} can be paid for these units")
    return GrantedLine(claim=claim, amount_minor=amount_minor)
