"""I1 to I3: what moved at the provider is what the books say; never more back than was taken; books that balance."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import requests

from recoup.config.invariants.check import Finding, ask_sql, rows
from recoup.kernel.money import exponent

#: States in which somebody still asks the rail, so that it may know more than we do.
_OPEN = frozenset({"queued", "submitting", "unknown", "awaiting_merchant_funds", "provider_pending"})
#: A refund that somebody else made is noticed by its event at once, and at the latest when the account is read.
NOTICED_SECONDS_MAX = 1_200.0
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
       coalesce(booked.minor, 0) + coalesce((SELECT sum(s.counted_minor)::bigint FROM payments_sighting s
                                              WHERE s.payout_id = p.id AND s.rail_account_id = p.rail_account_id), 0)
  FROM payments_payout p
  LEFT JOIN (SELECT j.reference_id, -sum(s.amount_minor)::bigint AS minor
               FROM ledger_journal j JOIN ledger_posting s ON s.journal_id = j.id
              WHERE s.account = 'provider_balance' GROUP BY 1) booked ON booked.reference_id = p.id
"""


def _beside_provider(url: str) -> Finding:
    payouts = [_Payout(*row) for row in rows(_PAYOUTS)]
    movements = list(_movements(url))
    moved = _by_payout(movements)
    broken = _by_others(movements)
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


_BY_OTHERS = """
SELECT m.refund, coalesce(s.counted_minor, 0), s.status
  FROM unnest(%s::text[], %s::text[]) AS m (refund, charge)
  JOIN payments_capture c ON c.provider_charge_id = m.charge
  LEFT JOIN payments_sighting s ON s.provider_refund_id = m.refund AND s.rail_account_id = c.rail_account_id
 WHERE NOT EXISTS (SELECT FROM payments_payout p
                    WHERE p.rail_account_id = c.rail_account_id AND p.provider_refund_id = m.refund)
"""


def _by_others(movements: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What others gave back of charges of ours, without a reference of ours, beside what we count of it."""
    charges: dict[str, str] = {}
    minor: Counter[str] = Counter()
    newest: dict[str, float] = {}
    currency: dict[str, str] = {}
    for movement in movements:
        if movement.get("recoup_payout") is None and movement.get("refund"):
            refund = str(movement["refund"])
            charges[refund], currency[refund] = str(movement["charge"]), str(movement["currency"]).upper()
            minor[refund] += _in_our_units(int(movement["amount_minor"]), currency[refund])
            newest[refund] = float(movement["at"])
    now_there = max([time.time(), *newest.values()])
    broken = {}
    for refund, counted_minor, status in rows(_BY_OTHERS, [list(charges), list(charges.values())]):
        is_news = newest[refund] > now_there - NOTICED_SECONDS_MAX
        if minor[refund] != counted_minor and not is_news and status not in ("pending", "requires_action"):
            told = f"{minor[refund]} {currency[refund]} were given back without us, {counted_minor} are counted"
            broken[f"refund {refund}"] = told
    return broken


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


def _by_payout(movements: Iterable[Mapping[str, Any]]) -> dict[str, _Moved]:
    """The provider's own record by payout. Money that it moved for others, or by hand, names no payout of ours."""
    moved: dict[str, _Moved] = {}
    for movement in movements:
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
     WHERE s.account = 'provider_balance' AND j.kind NOT LIKE 'elsewhere.%%' GROUP BY 1
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
    SELECT p.capture_id, sum(p.amount_minor) FILTER (WHERE p.state NOT IN ('canceled')) AS promised,
           bool_or(p.state NOT IN ('canceled', 'succeeded') OR p.parked_at IS NOT NULL) AS is_open
      FROM payments_payout p GROUP BY 1
), elsewhere AS (
    SELECT t.capture_id, sum(t.counted_minor) AS counted FROM payments_sighting t WHERE t.counted_minor > 0 GROUP BY 1
)
SELECT 'capture ' || c.id,
       'captured ' || c.captured_minor || ', counted as reserved ' || c.reserved_minor || ' and paid ' || c.paid_minor
       || '; the books say ' || coalesce(leg.reserved, 0) || ' and ' || coalesce(leg.paid, 0)
       || '; its payouts are of ' || coalesce(live.promised, 0) || ' ' || c.currency
       || '; given back by others ' || c.elsewhere_minor || ', seen ' || coalesce(elsewhere.counted, 0)
  FROM payments_capture c LEFT JOIN leg ON leg.capture_id = c.id LEFT JOIN live ON live.capture_id = c.id
  LEFT JOIN elsewhere ON elsewhere.capture_id = c.id
 WHERE c.reserved_minor + c.paid_minor > c.captured_minor OR c.reserved_minor < 0 OR c.paid_minor < 0
    OR c.reserved_minor <> coalesce(leg.reserved, 0) OR c.paid_minor <> coalesce(leg.paid, 0)
    OR c.reserved_minor + c.paid_minor <> coalesce(live.promised, 0)
    OR c.elsewhere_minor <> coalesce(elsewhere.counted, 0)
    OR (c.reserved_minor + c.paid_minor + c.elsewhere_minor > c.captured_minor AND NOT coalesce(live.is_open, false))
UNION ALL
SELECT 'refund ' || t.provider_refund_id,
       'given back by others and counted ' || t.counted_minor || ', the books say ' || coalesce(booked.minor, 0)
       || CASE WHEN p.id IS NULL THEN '' ELSE '; it is counted for payout ' || p.id || ' too' END
  FROM payments_sighting t
  LEFT JOIN LATERAL (SELECT -sum(s.amount_minor)::bigint AS minor
                       FROM ledger_journal j JOIN ledger_posting s ON s.journal_id = j.id
                      WHERE j.reference_id = t.id AND s.account = 'provider_balance') booked ON true
  LEFT JOIN payments_payout p ON t.counted_minor > 0 AND p.state IN ('provider_pending', 'succeeded')
       AND p.rail_account_id = t.rail_account_id AND p.provider_refund_id = t.provider_refund_id
 WHERE t.counted_minor <> coalesce(booked.minor, 0) OR p.id IS NOT NULL
"""


def never_more_than_captured() -> Finding:
    """I2: of each capture no more is reserved or paid than was taken, and counters, books and payouts agree.

    What others gave back is counted once, and where it leaves less than we had promised, somebody still has to act.
    """
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
