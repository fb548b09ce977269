"""`bin/recoup replay FOLDER`: a real shop's cancellations, asked for through the public API of the running Recoup."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from recoup.access import tenancy
from recoup.config.house import PROJECT, House
from recoup.config.refusals import HouseNotRunning
from recoup.config.replaying import cancellations, company, feeding, figures
from recoup.kernel import clock
from recoup.kernel.money import spoken
from recoup.orders.importing import Import
from recoup.orders.sources import files

MAPPING = PROJECT / "examples" / "mappings" / "online_retail.json"
POLICY = PROJECT / "examples" / "policies" / "online_retail.json"
Told = Callable[[int], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`replay FOLDER [--limit N] [--json]`."""
    parser.add_argument("folder", type=Path, help="holds invoice_lines_*.csv.gz and returns_matched_to_purchase.csv.gz")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N cancellations, by time")
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object on the last line")
    parser.add_argument(
        "--merchant", default="online-retail", metavar="SLUG", help="the practice company (%(default)s)"
    )
    parser.add_argument("--connections", type=int, default=feeding.CONNECTIONS, help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace, house: House) -> int:
    """0 when nothing was lost and no shopper was paid twice. Doing it again asks again and pays nothing again."""
    running = house.running()
    if running is None:
        raise HouseNotRunning(f"no Recoup is running on {house.data_dir}; start it with bin/up")
    provider_url = os.environ["RECOUP_PROVIDER_URL"]
    asked = cancellations.read(arguments.folder, limit=arguments.limit)
    began_s = time.monotonic()
    with _bars() as bar:
        shop = company.ensure(
            slug=arguments.merchant,
            name="Online Retail",
            policy=POLICY,
            provider_url=provider_url,
            webhooks_to=running.web_url,
        )
        _import(shop, cancellations.invoice_files(arguments.folder), bar=bar)
        company.charge_all(shop, provider_url=provider_url)
        heard = bar("Requests", len(asked))
        with company.key_of(shop) as api_key:
            fed = asyncio.run(
                feeding.feed(
                    asked,
                    web_url=running.web_url,
                    api_key=api_key,
                    connections=arguments.connections,
                    heard=_counting(heard),
                )
            )
        case_ids = [answer.case_id for answer in fed if answer.case_id is not None]
        outcomes = figures.wait_until_done(shop, case_ids, heard=bar("Outcomes", len(case_ids)))
    found = figures.figures(shop, fed, outcomes, provider_url=provider_url)
    found["wall_s"] = round(time.monotonic() - began_s, 3)
    _tell(found, fed, as_json=arguments.json)
    return 1 if found["lost"] or found["double_payments"] else 0


def _import(shop: company.Company, paths: list[Path], *, bar: Callable[[str, int], Told]) -> None:
    """The invoices are the company's orders; files that were imported to their end are not read again."""
    if _is_imported(merchant_id=shop.id, file_hash=files.digest(paths)):
        return
    heard, read = bar("Orders (bytes)", sum(path.stat().st_size for path in paths)), [0]

    def count(size: int) -> None:
        read[0] += size
        heard(read[0])

    mapping = json.loads(MAPPING.read_text(encoding="utf-8"))
    Import(merchant_id=shop.id, paths=paths, mapping=mapping, clock=clock.now, heard=count).run()


@tenancy.query
def _is_imported(*, merchant_id: UUID, file_hash: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM orders_importrun WHERE merchant_id = %s AND file_hash = %s"
            " AND finished_at IS NOT NULL)",
            [merchant_id, file_hash],
        )
        return bool(cursor.fetchone()[0])


def _counting(heard: Told) -> Callable[[feeding.Fed], None]:
    count = [0]

    def hear(_: feeding.Fed) -> None:
        count[0] += 1
        heard(count[0])

    return hear


@contextmanager
def _bars() -> Iterator[Callable[[str, int], Told]]:
    """Makes progress bars on stderr: each is told how far it is."""
    columns = (TextColumn("{task.description:15}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:

        def bar(name: str, total: int) -> Told:
            task = progress.add_task(name, total=total)
            return lambda completed: progress.update(task, completed=completed)

        yield bar


def _tell(found: dict[str, Any], fed: list[feeding.Fed], *, as_json: bool) -> None:
    refused = [answer for answer in fed if answer.case_id is None]
    for answer in refused[:10]:
        print(f"Refused at the door: {answer.cancellation.key}: {answer.problem}", file=sys.stderr)
    if not as_json:
        table = Table("what", "figure")
        for name, value in found.items():
            is_money = name.endswith("_minor")
            table.add_row(
                name.removesuffix("_minor").replace("_", " "), spoken(value, "GBP") if is_money else str(value)
            )
        Console().print(table)
    print(json.dumps(found), flush=True)
