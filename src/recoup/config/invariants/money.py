"""I1 to I3: what moved at the provider is what the books say; never more back than was taken; books that balance."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import requests

from recoup.config.invariants.check import Finding, ask_sql, rows
from recoup.kernel.money import exponent

#: States in which somebody still asks the rail, so that it may know more than we do.
_OPEN = frozenset({"queued", "submitting", "unknown", "awaiting_merchant_funds", "provider_pending"})
#: Where the practice provider's minor units are not ISO's (https://docs.stripe.com/currencies).
_PROVIDER_EXPONENTS = {"ISK": 2, "UGX": 2, "MGA": 0}


@dataclass(frozen=True, slots=True)
class _Payout:
    """A payout as we hold it. `is_watched`: the rail is asked again, an answer waits, or a person looks at it."""

    id: str
    amount_minor: int
    currency: str
    state: str
    is_watched: bool
    booked_minor: int


@dataclass(slots=True, kw_only=True)
class _Moved:
    """What the provider's own record says about one payout."""

    currency: str = ""
    minor: int = 0
    standing: int = 0


# I1 -----------------------------------------------------------------------------------------------------------------


def moved_as_booked() -> Finding:
    """I1: per payout the provider moved nothing or exactly the amount, and the books say the same."""
    provider = os.environ.get("RECOUP_PROVIDER_URL", "")
    return _beside_provider(provider.rstrip("/")) if provider else _beside_answers()


_PAYOUTS = """
SELECT p.id::text, p.amount_minor, p.currency, p.state,
       p.next_at IS NOT NULL OR p.parked_at IS NOT NULL
           OR EXISTS (SELECT FROM payments_answer a WHERE a.payout_id = p.id AND a.applied_at IS NULL),
       coalesce(booked.minor, 0)
  FROM payments_payout p
  LEFT JOIN (SELECT j.reference_id, -sum(s.amount_minor)::bigint AS minor
               FROM ledger_journal j JOIN ledger_posting s ON s.journal_id = j.id
              WHERE s.account = 'provider_balance' GROUP BY 1) booked ON booked.reference_id = p.id
"""


def _beside_provider(url: str) -> Finding:
    payouts = [_Payout(*row) for row in rows(_PAYOUTS)]
    moved = _moved(url)
    broken = {}
    for payout in payouts:
        words = _wrong(moved.pop(payout.id, _Moved()), payout)
        if words:
            broken[f"payout {payout.id}"] = words
    # What is left was moved for payouts that were not there a moment ago: new ones, or ones that nobody knows.
    known = {row[0] for row in rows("SELECT id::text FROM payments_payout WHERE id = ANY(%s::uuid[])", [list(moved)])}
    for payout_id, told in moved.items():
        if payout_id not in known:
            broken[f"payout {payout_id}"] = f"the provider moved {told.minor} {told.currency} for a payout nobody knows"
    return Finding(checked=len(payouts), broken=broken)


def _wrong(told: _Moved, ours: _Payout) -> str:
    """What is wrong with one payout, in words; empty when nothing is."""
    moved = f"the provider moved {told.minor} {told.currency or ours.currency}"
    if told.standing > 1:
        return f"paid {told.standing} times: {moved} instead of {ours.amount_minor}"
    if told.currency and told.currency != ours.currency:
        return f"{moved}, the payout is in {ours.currency}"
    if told.minor not in (0, ours.amount_minor):
        return f"{moved}, the payout is of {ours.amount_minor}"
    if ours.booked_minor not in (0, ours.amount_minor):
        return f"the books say {ours.booked_minor} {ours.currency}, the payout is of {ours.amount_minor}"
    if told.minor != ours.booked_minor and not (ours.state in _OPEN and ours.is_watched):
        return f"{moved}, the books say {ours.booked_minor} ({ours.state})"
    return ""


def _moved(url: str) -> dict[str, _Moved]:
    """The provider's own record by payout. Money that it moved for others, or by hand, names no payout of ours."""
    moved: dict[str, _Moved] = {}
    for movement in _movements(url):
        payout_id = movement.get("recoup_payout")
        if payout_id is None or not _is_uuid(payout_id):
            continue
        told = moved.setdefault(str(payout_id), _Moved())
        told.currency = str(movement["currency"]).upper()
        told.minor += _in_our_units(int(movement["amount_minor"]), told.currency)
        told.standing += 1 if movement["kind"] == "refund" else -1
    return moved


def _movements(url: str) -> Iterator[dict[str, Any]]:
    after, has_more = 0, True
    while has_more:
        answer = requests.get(f"{url}/_practice/movements", params={"after": after, "limit": 10_000}, timeout=30)
        answer.raise_for_status()
        page = answer.json()
        yield from page["movements"]
        after, has_more = page["next_after"], page["has_more"]


def _in_our_units(minor: int, currency: str) -> int:
    places = exponent(currency) - _PROVIDER_EXPONENTS.get(currency, exponent(currency))
    factor = int(10 ** abs(places))
    return minor * factor if places >= 0 else minor // factor


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


_BESIDE_ANSWERS = """
WITH booked AS (
    SELECT j.reference_id AS id, -sum(s.amount_minor)::bigint AS minor
      FROM ledger_journal j JOIN ledger_posting s ON s.journal_id = j.id
     WHERE s.account = 'provider_balance' GROUP BY 1
)
SELECT 'payout ' || coalesce(p.id, b.id),
       CASE WHEN p.id IS NULL THEN 'the books moved ' || b.minor || ' for a payout nobody knows'
            ELSE 'it is ' || p.state || ' and of ' || p.amount_minor || ' ' || p.currency || ', the books say '
                 || coalesce(b.minor, 0) || ', the rail last said '
                 || coalesce(said.outcome || ' of ' || coalesce(said.amount_minor::text, '?'), 'nothing') END
  FROM payments_payout p
  FULL JOIN booked b ON b.id = p.id
  LEFT JOIN LATERAL (SELECT a.outcome, a.amount_minor FROM payments_answer a
                      WHERE a.payout_id = p.id AND a.applied_at IS NOT NULL AND a.epoch = p.epoch
                      ORDER BY a.id DESC LIMIT 1) said ON true
 WHERE p.id IS NULL
    OR coalesce(b.minor, 0) <> CASE WHEN p.state IN ('provider_pending', 'succeeded') THEN p.amount_minor ELSE 0 END
    OR (said.outcome IN ('pending', 'succeeded') AND p.parked_at IS NULL
        AND coalesce(said.amount_minor, p.amount_minor) <> p.amount_minor)
"""


def _beside_answers() -> Finding:
    """Without a provider that tells us its own record: the books beside what the rail answered."""
    return ask_sql("SELECT count(*) FROM payments_payout", _BESIDE_ANSWERS)


# I2 -----------------------------------------------------------------------------------------------------------------

_CAPTURES = """
WITH leg AS (
    SELECT p.capture_id, sum(-s.amount_minor) FILTER (WHERE s.account = 'reserved_refunds') AS reserved,
           sum(-s.amount_minor) FILTER (WHERE s.account = 'provider_balance') AS paid
      FROM payments_payout p
      JOIN ledger_journal j ON j.reference_id = p.id
      JOIN ledger_posting s ON s.journal_id = j.id
     GROUP BY 1
), live AS (
    SELECT p.capture_id, sum(p.amount_minor) FILTER (WHERE p.state NOT IN ('canceled')) AS promised
      FROM payments_payout p GROUP BY 1
)
SELECT 'capture ' || c.id,
       'captured ' || c.captured_minor || ', counted as reserved ' || c.reserved_minor || ' and paid ' || c.paid_minor
       || '; the books say ' || coalesce(leg.reserved, 0) || ' and ' || coalesce(leg.paid, 0)
       || '; its payouts are of ' || coalesce(live.promised, 0) || ' ' || c.currency
  FROM payments_capture c LEFT JOIN leg ON leg.capture_id = c.id LEFT JOIN live ON live.capture_id = c.id
 WHERE c.reserved_minor + c.paid_minor > c.captured_minor OR c.reserved_minor < 0 OR c.paid_minor < 0
    OR c.reserved_minor <> coalesce(leg.reserved, 0) OR c.paid_minor <> coalesce(leg.paid, 0)
    OR c.reserved_minor + c.paid_minor <> coalesce(live.promised, 0)
"""


def never_more_than_captured() -> Finding:
    """I2: of each capture no more is reserved or paid than was taken, and counters, books and payouts agree."""
    return ask_sql("SELECT count(*) FROM payments_capture", _CAPTURES)


# I3 -----------------------------------------------------------------------------------------------------------------

_JOURNALS = """
SELECT 'journal ' || s.journal_id, 'debits and credits in ' || s.currency || ' differ by ' || sum(s.amount_minor)
  FROM ledger_posting s GROUP BY s.journal_id, s.currency HAVING sum(s.amount_minor) <> 0
UNION ALL
SELECT 'journal ' || j.id, 'it has no postings'
  FROM ledger_journal j WHERE NOT EXISTS (SELECT FROM ledger_posting s WHERE s.journal_id = j.id)
UNION ALL
SELECT 'guard of ' || t.name, 'the trigger ' || g.name || ' is missing or switched off'
  FROM (VALUES ('ledger_posting', 'append_only'), ('ledger_posting', 'a_journal_balances'),
               ('ledger_journal', 'append_only'), ('ledger_journal', 'a_journal_has_postings')) AS g (relation, name)
 CROSS JOIN LATERAL (SELECT g.relation AS name) t
 WHERE NOT EXISTS (SELECT FROM pg_trigger r WHERE r.tgrelid = to_regclass('public.' || g.relation)
                      AND r.tgname = g.name AND r.tgenabled IN ('O', 'A'))
UNION ALL
SELECT 'grant on ' || t.name || ' to ' || r.rolname, 'posted rows may be changed with ' || p.name
  FROM (VALUES ('ledger_posting'), ('ledger_journal'), ('events_event'), ('events_transition')) AS t (name)
 CROSS JOIN (VALUES ('UPDATE'), ('DELETE'), ('TRUNCATE')) AS p (name)
 CROSS JOIN pg_roles r
 WHERE r.rolname IN ('recoup_web', 'recoup_worker', 'recoup_vault', 'recoup_insights')
   AND has_table_privilege(r.oid, 'public.' || t.name, p.name)
"""


def books_balance() -> Finding:
    """I3: debits equal credits in each journal and currency, and what is posted cannot be changed."""
    return ask_sql("SELECT count(*) FROM ledger_journal", _JOURNALS)
