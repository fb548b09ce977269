"""What the shopper of a case reads of it with a guest's token."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from recoup.refunds import queries

#: The kinds of events that the shopper's own page has words for; the rest is the company's business.
OF_SHOPPERS = frozenset(
    {
        "case.submitted",
        "case.verifying_order",
        "case.needs_evidence",
        "case.evidence_added",
        "case.awaiting_return",
        "case.goods_graded",
        "case.in_review",
        "case.approved",
        "case.partly_approved",
        "case.rejected",
        "case.appealed",
        "case.withdrawn",
        "case.expired",
        "case.initiated",
        "case.credited",
        "case.reopened",
        "payout.succeeded",
        "payout.failed",
        "payout.reversed",
        "payout.unknown",
        "payout.awaiting_funds",
    }
)


def case_for_guest(*, merchant_id: UUID, case_id: UUID) -> dict[str, Any]:
    """As `queries.case_in_full`, without the rule that decided, a provider's code, and what only the company's own
    people did. Raises NotFound.
    """
    told = queries.case_in_full(merchant_id=merchant_id, case_id=case_id)
    payouts = [{**payout, "failure_code": None} for payout in told["payouts"]]
    seen = [one for one in told["timeline"] if one["kind"] in OF_SHOPPERS]
    return {**told, "rule": None, "payouts": payouts, "timeline": seen}
