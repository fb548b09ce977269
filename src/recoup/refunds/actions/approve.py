"""A person says yes; where the company asks for it, a second one does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid
from recoup.refunds import dossier as dossiers
from recoup.refunds import granting, locking, proposals, rejudging, saying_yes, settling
from recoup.refunds.dossier import Dossier
from recoup.refunds.granting import Approval
from recoup.refunds.holding import Holding, holding_of
from recoup.refunds.models import Case
from recoup.refunds.proposals import Wish
from recoup.refunds.requests import LineGrant
from recoup.refunds.saying_yes import Weighed
from recoup.refunds.settling import AlreadyRefunded
from recoup.refunds.states import CaseState
from recoup.refunds.views import CaseView, view_of


@tenancy.action
def approve(
    *,
    merchant_id: UUID,
    case_id: UUID,
    by: str,
    at: datetime,
    by_email: str = "",
    lines: Sequence[LineGrant] | None = None,
    with_delivery: bool = False,
    with_kept_back: bool = False,
    note: str = "",
) -> CaseView:
    """Approve a case and reserve its money. Nothing is paid yet; the vault does that.

    `lines`: how many of the asked units are paid, and what for them, never above their frozen worth; units that are
    not named stay free for a later case. None pays everything that was asked for. `with_delivery` pays back what is
    left of the delivery cost. `note` is read by the shopper. A case that holds money already (appealed after a partial
    yes) gets the difference on top of it; `with_kept_back` then also pays what was kept of the units granted before.

    Where this yes is not enough (docs/approvals.md), it is kept, nothing is reserved, and the case waits for a second
    person: `waits_for` is `second_person`. Saying the same again changes nothing and gives the case as it stands.

    Raises NotFound, MoveNotAllowed, MayNotApprove, NotYourOwn, SamePerson, Invalid, AlreadyRefunded, OverRefund.
    """
    case = locking.case_for_update(case_id)
    wish = Wish(lines=lines, with_delivery=with_delivery, with_kept_back=with_kept_back)
    if saying_yes.was_said(case, by=by, wish=wish):
        return view_of(case)
    locking.must_allow(case, CaseState.APPROVED)
    dossier, held = _read(case, at=at)
    approval = granting.approval(
        case, dossier, held, grants=lines, with_delivery=with_delivery, with_kept_back=with_kept_back
    )
    if approval.new_minor <= 0 and lines is not None:
        raise Invalid("Nothing would be paid by this. If that is right, reject the case instead")
    if approval.new_minor <= 0 or dossier.order is None:
        raise AlreadyRefunded("Nothing of this case is left to pay")
    weighed = saying_yes.weigh(case, dossier, approval, by=by, by_email=by_email, at=at, lock=True)
    is_new = saying_yes.write_down(weighed, case, approval, wish=wish, note=note, at=at)
    if not weighed.ruling.is_enough:
        _wait(case, weighed, approval, is_new=is_new, at=at)
        return view_of(case)
    saying_yes.count(weighed, case, at=at)
    _grant(case, dossier, approval, note=note, by=by, at=at)
    return view_of(case)


def _wait(case: Case, weighed: Weighed, approval: Approval, *, is_new: bool, at: datetime) -> None:
    """A second person's turn, wherever the case was: what it waited for before was answered by the first yes."""
    by = weighed.approver.actor
    has_waited = case.state == CaseState.IN_REVIEW and case.waits_for == saying_yes.SECOND_PERSON
    if case.state != CaseState.IN_REVIEW:
        case.state, case.asks = CaseState.IN_REVIEW, []
    if not has_waited:
        case.wake_at, case.waits_for = at + settling.REVIEW_TAKES, saying_yes.SECOND_PERSON
    case.keep()
    if is_new:
        told = settling.happening(
            case,
            proposals.HALF_APPROVED,
            by=by,
            at=at,
            amount_minor=approval.new_minor,
            currency=approval.currency,
            whys=[str(why) for why in weighed.ruling.whys],
        )
        events.record([told])


def _grant(case: Case, dossier: Dossier, approval: Approval, *, note: str, by: str, at: datetime) -> None:
    case.currency = approval.currency
    case.amount_minor = approval.total_minor
    case.shipping_granted_minor += approval.delivery_minor
    is_whole = case.amount_minor >= case.amount_requested_minor
    case.state = CaseState.APPROVED if is_whole else CaseState.PARTLY_APPROVED
    case.reason_code, case.rule = "person_decided", "person"
    case.explanation = note.strip() or "A person looked at your case and approved it."
    case.decided_at, case.wake_at, case.waits_for, case.asks = at, None, "", []
    case.initiated_at = case.credited_at = None
    case.keep()
    settling.reserve(
        case,
        dossier,
        approval.added,
        amount_minor=approval.new_minor,
        delivery_minor=approval.delivery_minor,
        at=at,
    )
    events.record([settling.of_state(case, by=by, at=at)])


def _read(case: Case, *, at: datetime) -> tuple[Dossier, Holding]:
    """The order with its lines, and what the case holds. Units whose payments were all called off are free again."""
    held = holding_of(case)
    if held.live_minor and held.needs_person:
        raise locking.MoveNotAllowed("Try the failed payout again, or call it off, before you decide", state=case.state)
    dossier = dossiers.read(merchant_id=case.merchant_id, order_number=case.order_number, at=at, but=case.id)
    if held.has_claims and not held.live_minor:
        settling.release(case)
        held = holding_of(case)
        dossier = dossiers.read(merchant_id=case.merchant_id, order_number=case.order_number, at=at, but=case.id)
    if not held.has_claims:
        rejudging.prepare_lines(case, dossier)
    return dossier, held
