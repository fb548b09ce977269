"""What became of the requests: counted from Recoup's own rows, the ledger, and the provider's record of money moved."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import requests
from django.db import connection

from recoup.access import tenancy
from recoup.config.replaying.company import Company
from recoup.config.replaying.feeding import Fed

PROMISE = timedelta(minutes=5)
#: The wait ends when this long nothing has moved: what is still open then is counted as lost.
SECONDS_PATIENT = 330.0
WAITING = frozenset({"submitted", "verifying_order"})
REVIEW = frozenset({"in_review", "needs_evidence", "awaiting_return", "appealed"})

_OUTCOMES = """
SELECT c.id, coalesce(d.verdict ->> 'outcome', c.state), c.state, c.amount_minor, c.requested_at, c.initiated_at
  FROM refunds_case c
  LEFT JOIN LATERAL (SELECT verdict FROM refunds_decision d WHERE d.case_id = c.id ORDER BY at DESC, id DESC LIMIT 1) d
    ON true
 WHERE c.merchant_id = %s AND c.id = ANY(%s)
"""
_PAYOUTS = "SELECT id::text FROM payments_payout WHERE merchant_id = %s AND case_id = ANY(%s)"
_LEDGER = """
SELECT coalesce(-sum(p.amount_minor), 0)::bigint
  FROM ledger_posting p JOIN ledger_journal j ON j.id = p.journal_id
 WHERE p.merchant_id = %s AND p.account = 'provider_balance' AND j.reference_id = ANY(%s::uuid[])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One case as it stands: `verdict` is what was decided (approve, approve_partly, reject, ...)."""

    case_id: UUID
    verdict: str
    state: str
    amount_minor: int
    requested_at: datetime
    initiated_at: datetime | None

    @property
    def is_granted(self) -> bool:
        return self.verdict in ("approve", "approve_partly")

    @property
    def is_open(self) -> bool:
        """Something is still to happen without anybody's help."""
        return self.state in WAITING or (self.is_granted and self.initiated_at is None)

    @property
    def seconds(self) -> float | None:
        """From the request to the provider's acceptance."""
        return None if self.initiated_at is None else (self.initiated_at - self.requested_at).total_seconds()


@tenancy.query
def outcomes_of(*, merchant_id: UUID, case_ids: Sequence[UUID]) -> list[Outcome]:
    """The cases with these ids, in no order."""
    names = ("case_id", "verdict", "state", "amount_minor", "requested_at", "initiated_at")
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES, [merchant_id, list(case_ids)])
        return [Outcome(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def wait_until_done(
    company: Company, case_ids: Sequence[UUID], *, heard: Callable[[int], None] = lambda _: None
) -> list[Outcome]:
    """The outcomes once nothing is open any more, or once nothing has moved for longer than the promise."""
    open_before, moved_s = -1, time.monotonic()
    while True:
        outcomes = outcomes_of(merchant_id=company.id, case_ids=case_ids)
        still_open = sum(outcome.is_open for outcome in outcomes)
        heard(len(outcomes) - still_open)
        if still_open != open_before:
            open_before, moved_s = still_open, time.monotonic()
        if still_open == 0 or time.monotonic() - moved_s > SECONDS_PATIENT:
            return outcomes
        time.sleep(0.25)


def figures(company: Company, fed: Sequence[Fed], outcomes: Sequence[Outcome], *, provider_url: str) -> dict[str, Any]:
    """The figures of one replay, without its wall time. Amounts in minor units, times in seconds."""
    case_ids = {answer.case_id for answer in fed if answer.case_id is not None}
    granted = [outcome for outcome in outcomes if outcome.is_granted]
    seconds = sorted(outcome.seconds for outcome in granted if outcome.seconds is not None)
    in_time = sum(1 for each in seconds if each <= PROMISE.total_seconds())
    payouts = payouts_of(merchant_id=company.id, case_ids=sorted(case_ids))
    moved_minor, double_payments = moved_at_provider(company, payouts, provider_url=provider_url)
    verdicts = [outcome.verdict for outcome in outcomes]
    refused_at_the_door = sum(answer.case_id is None for answer in fed)
    return {
        "requests": len(fed),
        "approved": verdicts.count("approve"),
        "partly_approved": verdicts.count("approve_partly"),
        "rejected": verdicts.count("reject") + refused_at_the_door,
        "review": sum(outcome.state in REVIEW for outcome in outcomes),
        "initiated_within_5min_share": round(in_time / len(granted), 6) if granted else 1.0,
        "requested_to_initiated_p50_s": quantile(seconds, 50),
        "requested_to_initiated_p99_s": quantile(seconds, 99),
        "approved_minor": sum(outcome.amount_minor for outcome in granted),
        "provider_moved_minor": moved_minor,
        "ledger_paid_minor": paid_in_the_books(merchant_id=company.id, payouts=payouts),
        "double_payments": double_payments,
        "lost": len(case_ids) - len(outcomes) + sum(outcome.is_open for outcome in outcomes),
    }


def quantile(ordered: Sequence[float], percent: int) -> float:
    """The smallest of the ordered values that so many per cent do not exceed; 0 for none."""
    if not ordered:
        return 0.0
    return round(ordered[max(0, -(-len(ordered) * percent // 100) - 1)], 3)


@tenancy.query
def payouts_of(*, merchant_id: UUID, case_ids: Sequence[UUID]) -> list[str]:
    """The ids of these cases' payouts."""
    with connection.cursor() as cursor:
        cursor.execute(_PAYOUTS, [merchant_id, list(case_ids)])
        return [row[0] for row in cursor.fetchall()]


@tenancy.query
def paid_in_the_books(*, merchant_id: UUID, payouts: Sequence[str]) -> int:
    """What the ledger says went out of the provider balance for these payouts."""
    with connection.cursor() as cursor:
        cursor.execute(_LEDGER, [merchant_id, list(payouts)])
        return int(cursor.fetchone()[0])


def moved_at_provider(company: Company, payouts: Sequence[str], *, provider_url: str) -> tuple[int, int]:
    """(minor units moved, payouts that were paid more than once), of these payouts, by the provider's own record."""
    ours = set(payouts)
    moved_minor, standing, after = 0, dict.fromkeys(ours, 0), 0
    while True:
        query: dict[str, str | int] = {"account": company.account, "after": after, "limit": 1000}
        answer = requests.get(f"{provider_url}/_practice/movements", params=query, timeout=60)
        answer.raise_for_status()
        page = answer.json()
        for movement in page["movements"]:
            if movement["recoup_payout"] in ours:
                moved_minor += movement["amount_minor"]
                standing[movement["recoup_payout"]] += 1 if movement["amount_minor"] > 0 else -1
        if not page["has_more"]:
            return moved_minor, sum(count > 1 for count in standing.values())
        after = page["next_after"]
