"""The states of a payout, its moves, and what an answer of a rail can say (DOMAIN 2)."""

from __future__ import annotations

from enum import StrEnum

from recoup.kernel.errors import NotFound, Refusal


class PayoutState(StrEnum):
    """`submitting`: the key is committed, the rail may have heard it. `unknown`: nobody knows; only a look-up tells."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    PROVIDER_PENDING = "provider_pending"
    SUCCEEDED = "succeeded"
    REVERSED = "reversed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    AWAITING_MERCHANT_FUNDS = "awaiting_merchant_funds"
    CANCELED = "canceled"


#: `queued` is a new attempt. The others: the rail, which had said no, was later seen to have paid after all.
_AFTER_FAILURE = frozenset(
    {PayoutState.QUEUED, PayoutState.CANCELED, PayoutState.PROVIDER_PENDING, PayoutState.SUCCEEDED}
)

#: Every move a payout can make. `failed -> queued` is a new attempt: its epoch, and so its key, is another one.
MOVES: dict[PayoutState, frozenset[PayoutState]] = {
    PayoutState.QUEUED: frozenset({PayoutState.SUBMITTING, PayoutState.CANCELED}),
    PayoutState.SUBMITTING: frozenset(
        {
            PayoutState.QUEUED,
            PayoutState.PROVIDER_PENDING,
            PayoutState.SUCCEEDED,
            PayoutState.FAILED,
            PayoutState.UNKNOWN,
            PayoutState.AWAITING_MERCHANT_FUNDS,
        }
    ),
    PayoutState.UNKNOWN: frozenset(
        {
            PayoutState.SUBMITTING,
            PayoutState.QUEUED,
            PayoutState.PROVIDER_PENDING,
            PayoutState.SUCCEEDED,
            PayoutState.FAILED,
            PayoutState.AWAITING_MERCHANT_FUNDS,
        }
    ),
    PayoutState.PROVIDER_PENDING: frozenset({PayoutState.SUCCEEDED, PayoutState.FAILED, PayoutState.REVERSED}),
    PayoutState.SUCCEEDED: frozenset({PayoutState.REVERSED}),
    PayoutState.AWAITING_MERCHANT_FUNDS: frozenset({PayoutState.QUEUED, PayoutState.SUBMITTING, PayoutState.CANCELED}),
    PayoutState.FAILED: _AFTER_FAILURE,
    PayoutState.REVERSED: _AFTER_FAILURE,
    PayoutState.CANCELED: frozenset(),
}


class AnswerOutcome(StrEnum):
    """`not_found` answers a look-up: the rail has no refund with our reference, so sending is safe."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    THROTTLED = "throttled"
    NO_FUNDS = "no_funds"
    NOT_FOUND = "not_found"


class MoveNotAllowed(Refusal):
    """The payout is in a state from which this cannot be done. Nothing was changed."""

    code = "payout_move_not_allowed"
    status = 409
    title = "The payout is in a state that does not allow this"


class AlreadySending(Refusal):
    """A rail may have heard of the money. Nothing was changed."""

    code = "already_sending"
    status = 409
    title = "The money is being sent already"


class CaptureDisputed(Refusal):
    """The shopper's bank has taken this payment back, or may: paying it again would pay it twice (DOMAIN 7)."""

    code = "capture_disputed"
    status = 409
    title = "This payment is disputed"


class PayoutNotThere(NotFound):
    """There is no such payout of this merchant."""

    code = "payout_not_found"
    title = "There is no such payout"
