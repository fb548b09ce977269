"""The states of a case and every move between them (DOMAIN 2)."""

from __future__ import annotations

from enum import StrEnum


class CaseState(StrEnum):
    """Where a request stands. `approved` and `partly_approved` promise money; `closed` has nothing left to happen."""

    SUBMITTED = "submitted"
    VERIFYING_ORDER = "verifying_order"
    NEEDS_EVIDENCE = "needs_evidence"
    AWAITING_RETURN = "awaiting_return"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PARTLY_APPROVED = "partly_approved"
    REJECTED = "rejected"
    APPEALED = "appealed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CLOSED = "closed"


_JUDGED = frozenset(
    {
        CaseState.APPROVED,
        CaseState.PARTLY_APPROVED,
        CaseState.REJECTED,
        CaseState.NEEDS_EVIDENCE,
        CaseState.AWAITING_RETURN,
        CaseState.IN_REVIEW,
    }
)
_GIVEN_UP = frozenset({CaseState.WITHDRAWN, CaseState.EXPIRED})

#: Every move a case can make. What is not written here cannot happen. What is granted is withdrawn only while none of
#: its money was ever sent (`actions.withdraw`).
MOVES: dict[CaseState, frozenset[CaseState]] = {
    CaseState.SUBMITTED: _JUDGED | {CaseState.VERIFYING_ORDER} | _GIVEN_UP,
    CaseState.VERIFYING_ORDER: _JUDGED | _GIVEN_UP,
    CaseState.NEEDS_EVIDENCE: (_JUDGED - {CaseState.NEEDS_EVIDENCE}) | _GIVEN_UP,
    CaseState.AWAITING_RETURN: (_JUDGED - {CaseState.AWAITING_RETURN}) | _GIVEN_UP,
    CaseState.IN_REVIEW: (_JUDGED - {CaseState.IN_REVIEW}) | _GIVEN_UP,
    CaseState.APPROVED: frozenset({CaseState.CLOSED, CaseState.IN_REVIEW, CaseState.WITHDRAWN}),
    CaseState.PARTLY_APPROVED: frozenset(
        {CaseState.CLOSED, CaseState.IN_REVIEW, CaseState.APPEALED, CaseState.WITHDRAWN}
    ),
    CaseState.REJECTED: frozenset({CaseState.APPEALED, CaseState.CLOSED}),
    CaseState.APPEALED: frozenset({CaseState.IN_REVIEW}) | _GIVEN_UP,
    CaseState.WITHDRAWN: frozenset(),
    CaseState.EXPIRED: frozenset(),
    CaseState.CLOSED: frozenset({CaseState.IN_REVIEW, CaseState.APPEALED}),
}

GRANTED = frozenset({CaseState.APPROVED, CaseState.PARTLY_APPROVED})

#: States in which a person's or the policy's decision is still to come.
UNDECIDED = frozenset(
    {
        CaseState.SUBMITTED,
        CaseState.VERIFYING_ORDER,
        CaseState.NEEDS_EVIDENCE,
        CaseState.AWAITING_RETURN,
        CaseState.IN_REVIEW,
        CaseState.APPEALED,
    }
)

#: States in which nothing further is owed to anybody.
ENDED = frozenset({CaseState.WITHDRAWN, CaseState.EXPIRED, CaseState.CLOSED, CaseState.REJECTED})


class GoodsState(StrEnum):
    """Where the goods of a return are."""

    NOT_REQUIRED = "not_required"
    AWAITING = "awaiting"
    IN_TRANSIT = "in_transit"
    AT_BOOTH = "at_booth"
    RECEIVED = "received"
    GRADED_OK = "graded_ok"
    GRADED_DAMAGED = "graded_damaged"
    GRADED_WRONG = "graded_wrong"
    GRADED_MISSING = "graded_missing"
    LOST = "lost"
    EXPIRED = "expired"


#: The shopper still has the goods, so not to be paid for them harms nobody.
WITH_SHOPPER = frozenset({GoodsState.NOT_REQUIRED, GoodsState.AWAITING, GoodsState.EXPIRED})
