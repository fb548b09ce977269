"""Reading the oracle: which money this provider moved. Insert-only by trigger; Recoup never writes here."""

import sqlite3
from pathlib import Path
from typing import Any

from recoup_sandbox.provider.store import read_only

PAGE_MAX = 10_000
_FIELDS = "id, at, account, charge, refund, amount_minor, currency, recoup_payout, kind"


def movements(
    path: Path, *, account: str | None = None, payout: str | None = None, after: int = 0, limit: int = PAGE_MAX
) -> dict[str, Any]:
    """Movements in the order they happened, from behind number `after`."""
    rows = _read(
        path,
        f"SELECT {_FIELDS} FROM movements WHERE id > ? AND (? IS NULL OR account = ?) "
        "AND (? IS NULL OR recoup_payout = ?) ORDER BY id LIMIT ?",
        after, account, account, payout, payout, min(limit, PAGE_MAX) + 1,
    )  # fmt: skip
    page = [dict(row) for row in rows[: min(limit, PAGE_MAX)]]
    return {"movements": page, "has_more": len(rows) > len(page), "next_after": page[-1]["id"] if page else after}


def summary(path: Path, *, account: str | None = None) -> dict[str, Any]:
    """Sums per account and currency, and every payout for which more than one refund stands."""
    sums = _read(
        path,
        "SELECT account, currency, count(*) AS count, sum(amount_minor) AS moved_minor, "
        "sum(kind = 'refund') AS refunds, sum(kind = 'refund_reversal') AS reversals, "
        "sum(recoup_payout IS NULL) AS without_payout FROM movements WHERE ? IS NULL OR account = ? "
        "GROUP BY account, currency ORDER BY account, currency",
        account, account,
    )  # fmt: skip
    twice = _read(
        path,
        "SELECT recoup_payout, account, sum(kind = 'refund') - sum(kind = 'refund_reversal') AS standing_refunds, "
        "sum(amount_minor) AS moved_minor FROM movements WHERE recoup_payout IS NOT NULL AND (? IS NULL OR account = ?)"
        " GROUP BY recoup_payout HAVING standing_refunds > 1 ORDER BY recoup_payout",
        account, account,
    )  # fmt: skip
    duplicates = [dict(row) for row in twice]
    return {
        "sums": [dict(row) for row in sums],
        "count": sum(row["count"] for row in sums),
        "duplicates": duplicates,
        "double_payments": sum(row["standing_refunds"] - 1 for row in duplicates),
    }


def _read(path: Path, sql: str, *values: Any) -> list[sqlite3.Row]:
    database = read_only(path)
    try:
        return database.execute(sql, values).fetchall()
    finally:
        database.close()
