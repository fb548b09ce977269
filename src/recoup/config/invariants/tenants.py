"""I9: no row of one company points to a row of another one, whatever row-level security let through."""

from __future__ import annotations

from recoup.config.invariants.check import Finding, rows

#: Every foreign key between two tables that both have a `merchant_id`, from the catalogue, so that new ones count too.
_KEYS = """
SELECT child.relname, a.attname, parent.relname
  FROM pg_constraint k
  JOIN pg_class child ON child.oid = k.conrelid
  JOIN pg_class parent ON parent.oid = k.confrelid
  JOIN pg_attribute a ON a.attrelid = child.oid AND a.attnum = k.conkey[1]
 WHERE k.contype = 'f' AND array_length(k.conkey, 1) = 1 AND child.relnamespace = 'public'::regnamespace
   AND EXISTS (SELECT FROM pg_attribute m WHERE m.attrelid = child.oid AND m.attname = 'merchant_id')
   AND EXISTS (SELECT FROM pg_attribute m WHERE m.attrelid = parent.oid AND m.attname = 'merchant_id')
 ORDER BY 1, 2
"""
#: References across contexts, which have no foreign key.
_BY_NAME = [
    ("payments_payout", "case_id", "refunds_case"),
    ("payments_payout", "rail_account_id", "payments_railaccount"),
    ("payments_sighting", "rail_account_id", "payments_railaccount"),
    ("payments_reading", "rail_account_id", "payments_railaccount"),
    ("ledger_posting", "rail_account_id", "payments_railaccount"),
    ("ledger_journal", "reference_id", "payments_payout"),
    ("webhooks_receipt", "rail_account_id", "payments_railaccount"),
    ("notifications_message", "case_id", "refunds_case"),
    ("refunds_approval", "order_id", "orders_order"),
    ("refunds_approval", "membership_id", "identity_membership"),
]
_NAMED_MAX = 1000


def nobody_elses() -> Finding:
    """I9: each reference stays within its company. `checked` counts the kinds of references."""
    broken: dict[str, str] = {}
    references = [(child, column, parent) for child, column, parent in rows(_KEYS)] + _BY_NAME
    for child, column, parent in references:
        found = rows(
            f"SELECT c.id::text, c.merchant_id::text, p.merchant_id::text FROM {child} c JOIN {parent} p"  # noqa: S608 - names from the catalogue and from above
            f" ON p.id = c.{column} WHERE p.merchant_id <> c.merchant_id LIMIT {_NAMED_MAX}"
        )
        for row_id, ours, theirs in found:
            words = f"it belongs to company {ours} and points to {parent} of company {theirs}"
            broken[f"{child}.{column} {row_id}"] = words
    return Finding(checked=len(references), broken=broken)
