"""What the vault is asked to do and what it answers, in the words of the tables that it shares with the product."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

PENDING = "pending"
SUCCEEDED = "succeeded"
FAILED = "failed"
REJECTED = "rejected"
UNKNOWN = "unknown"
THROTTLED = "throttled"
NO_FUNDS = "no_funds"
NOT_FOUND = "not_found"

#: Failure codes of our own; those of a rail are passed on as they are.
NO_ANSWER = "no_answer_after_many_tries"
NO_CREDENTIALS = "no_credentials"
UNREACHABLE = "provider_unreachable"
PAID_TWICE = "paid_twice"
STRANGE_ANSWER = "strange_answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A payout in our hands until `lease_ends_s` (seconds of the machine's own clock since it was started).

    `is_new`: its key has not been used yet, or the rail has just told us so. Everything else is looked up.
    `crashes` counts earlier claims that nobody ever answered.
    """

    payout_id: UUID
    merchant_id: UUID
    case_id: UUID
    rail_account_id: UUID
    provider_charge_id: str
    provider_refund_id: str | None
    amount_minor: int
    currency: str
    idempotency_key: UUID
    epoch: int
    fence: int
    crashes: int
    is_new: bool
    lease_ends_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a rail said about a payout, in our own minor units."""

    outcome: str
    provider_refund_id: str | None = None
    provider_reference: str | None = None
    failure_code: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
