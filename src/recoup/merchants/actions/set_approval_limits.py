"""A company says how much may be approved by whom."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid
from recoup.merchants.models import ApprovalLimits, Merchant
from recoup.merchants.queries import Limits

_AMOUNTS = ("reviewer_limit_minor", "manager_limit_minor", "key_limit_minor", "four_eyes_from_minor")
LIMIT_MAX = 10**15
RISK_MAX = 1000
REASONS_MAX = 50


@tenancy.action
def set_approval_limits(*, merchant_id: UUID, limits: Limits, by: str, at: datetime, note: str = "") -> int:
    """These limits count from now on where they are tighter than those before, and a day later where they are looser.

    Approvals that still wait for a second person are judged by them. Gives the number of the new version; the number
    in `limits` says nothing. Raises Invalid.
    """
    amounts = {name: getattr(limits, name) for name in _AMOUNTS}
    wrong = [name for name, minor in amounts.items() if minor is not None and not 0 <= minor <= LIMIT_MAX]
    if limits.four_eyes_from_risk is not None and not 0 <= limits.four_eyes_from_risk <= RISK_MAX:
        wrong.append("four_eyes_from_risk")
    if wrong:
        raise Invalid(f"A limit is nothing, or a number from 0 on: {', '.join(wrong)}", errors=wrong)
    reasons = sorted(set(limits.four_eyes_reasons))[:REASONS_MAX]
    told = {**amounts, "four_eyes_from_risk": limits.four_eyes_from_risk, "four_eyes_reasons": reasons}
    # The company's row is the lock: of two who change at once, the second comes after the first.
    Merchant.objects.select_for_update(no_key=True, of=("self",)).get(id=merchant_id)
    last = ApprovalLimits.objects.filter(merchant_id=merchant_id).order_by("-number").first()
    number = last.number + 1 if last else 1
    row = ApprovalLimits(
        merchant_id=merchant_id, number=number, note=note.strip()[:500], created_by=by, created_at=at, **told
    )
    ApprovalLimits.objects.bulk_create([row])
    events.record(
        [
            events.Happening(
                merchant_id=merchant_id,
                at=at,
                kind="limits.changed",
                subject_id=merchant_id,
                actor=by,
                data={"number": number, **told},
            )
        ]
    )
    return number
