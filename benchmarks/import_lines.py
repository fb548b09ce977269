"""How many invoice lines of a real merchant are imported per second: `bin/bench import --json`.

The whole Online Retail file goes the way that `bin/recoup import` goes (unpacked, parsed, mapped, frozen, copied into a
durable PostgreSQL of the benchmark's own), then once more, when nothing changes. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
DATA = PROJECT.parent / "shared" / "data" / "online_retail"
MAPPING = PROJECT / "examples" / "mappings" / "online_retail.json"
LINES_PER_S_MIN = 15_000


def main(argv: list[str]) -> int:
    """Exit code 0: fast enough; 1: not; 2: the data are not there."""
    parser = argparse.ArgumentParser(prog="bin/bench import", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="the folder with invoice_lines_*.csv.gz")
    parser.add_argument("--json", action="store_true", help="nothing but the last line")
    arguments = parser.parse_args(argv)
    if not arguments.data.is_dir():
        print(f"There are no data in {arguments.data}; name the folder of Online Retail with --data", file=sys.stderr)
        return 2

    from recoup.config.private_house import PrivateHouse

    with PrivateHouse(programs=()) as house:
        measured = _measure(house, arguments.data)
    if not arguments.json:
        print(f"{measured['lines_per_s']:,} lines/s; the same file again: {measured['again_lines_per_s']:,} lines/s")
    print(json.dumps(measured))
    return 0 if measured["lines_per_s"] >= LINES_PER_S_MIN else 1


def _measure(house: Any, folder: Path) -> dict[str, Any]:
    os.environ.update(house.environment("cli"), DJANGO_SETTINGS_MODULE="recoup.config.settings")
    import django

    django.setup()
    from django.db import connection

    merchant_id = _open_shop()
    first, wall_s = _import(merchant_id, folder)
    again, again_wall_s = _import(merchant_id, folder)
    connection.close()
    assert again.changed_nothing
    return {
        "lines": first.rows_read,
        "lines_per_s": round(first.rows_read / wall_s),
        "orders": sum(first.orders.values()),
        "order_lines": first.lines,
        "rows_left_out": first.rows_left_out,
        "rows_refused": first.rows_refused,
        "reported": first.reported,
        "wall_s": round(wall_s, 3),
        "again_lines_per_s": round(again.rows_read / again_wall_s),
    }


def _open_shop() -> Any:
    from recoup.access import tenancy
    from recoup.kernel import clock, ids
    from recoup.merchants import actions as merchants
    from recoup.payments.models import RailAccount

    merchant_id = ids.uuid7()
    merchants.register(
        merchant_id=merchant_id, slug="bench", name="Bench", country="GB", currency="GBP", by="bench", at=clock.now()
    )

    @tenancy.action
    def open_account(*, merchant_id: Any) -> None:
        RailAccount.objects.create(merchant_id=merchant_id, rail="stripe", label="Main", created_at=clock.now())

    open_account(merchant_id=merchant_id)
    return merchant_id


def _import(merchant_id: Any, folder: Path) -> Any:
    from recoup.kernel import clock
    from recoup.orders.importing import Import

    mapping = json.loads(MAPPING.read_text(encoding="utf-8"))
    began_s = time.monotonic()
    summary = Import(merchant_id=merchant_id, paths=[folder], mapping=mapping, clock=clock.now).run()
    return summary, time.monotonic() - began_s


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
