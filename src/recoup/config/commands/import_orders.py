"""`bin/recoup import FILE... --merchant SLUG --mapping FILE`: orders in, from files of a merchant's own form."""

from __future__ import annotations

import argparse
import csv
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from recoup.config.house import House
from recoup.config.refusals import HouseNotRunning
from recoup.kernel import clock


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of the command line."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="files, or folders that hold them")
    parser.add_argument("--merchant", required=True, metavar="SLUG", help="whose orders these are")
    parser.add_argument("--mapping", required=True, type=Path, metavar="FILE", help="the mapping, a JSON file")
    parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")
    parser.add_argument("--report", type=Path, metavar="FILE", help="a note per row: .csv, or else JSON lines")
    parser.add_argument("--rail-account", metavar="LABEL", help="the payment account that took the money")
    parser.add_argument(
        "--practice",
        metavar="COUNTRY",
        help="make it a practice company of that country (GB, US, ...), with the charges of its orders at the practice "
        "provider, so that refunds of them are really paid there",
    )
    parser.add_argument("--json", action="store_true", help="the summary as one JSON object on the last line")


def run(arguments: argparse.Namespace, house: House) -> int:
    """Exit code 0: every row is accounted for and none was refused; 1: some were, and the others are in."""
    if arguments.practice and not arguments.dry_run:
        with _practice(arguments, house):
            summary = _import(arguments)
    else:
        summary = _import(arguments)
    if arguments.json:
        print(json.dumps(summary))
    else:
        _print(summary)
    return 1 if summary["rows_refused"] else 0


@contextmanager
def _practice(arguments: argparse.Namespace, house: House) -> Iterator[None]:
    """The company is there before the import; afterwards the practice provider holds what its orders' payments took."""
    from recoup.config.replaying import company

    running = house.running()
    provider_url = os.environ.get("RECOUP_PROVIDER_URL")
    if running is None or provider_url is None:
        raise HouseNotRunning("practice companies need the practice provider: start Recoup with bin/up, not --no-demo")
    currency = _mapping(arguments.mapping)["order"].get("currency", {})
    shop = company.ensure(
        slug=arguments.merchant,
        name=arguments.merchant.replace("-", " ").title(),
        policy=None,
        provider_url=provider_url,
        webhooks_to=running.web_url,
        country=arguments.practice.upper(),
        currency=currency.get("value", "USD") if isinstance(currency, dict) else "USD",
    )
    yield
    company.charge_all(shop, provider_url=provider_url)


def _import(arguments: argparse.Namespace) -> dict[str, Any]:
    from recoup.merchants import queries as merchants
    from recoup.orders.importing import Import
    from recoup.orders.sources import files

    merchant = merchants.by_slug(arguments.merchant)
    mapping = _mapping(arguments.mapping)
    paths = files.files_of(arguments.files, mapping.get("files", "*"))
    started_s = time.monotonic()
    with _report(arguments.report) as told, _progress(paths, is_quiet=arguments.json) as bar:
        summary = Import(
            merchant_id=merchant.id,
            paths=paths,
            mapping=mapping,
            clock=clock.now,
            rail_account=arguments.rail_account,
            is_dry=arguments.dry_run,
            heard=bar.heard,
            told=told,
            stored=bar.stored,
        ).run()
    wall_s = time.monotonic() - started_s
    orders = summary.orders
    return {
        "merchant": merchant.slug,
        "files": [path.name for path in paths],
        "is_dry_run": arguments.dry_run,
        "rows_read": summary.rows_read,
        "rows_kept": summary.rows_kept,
        "rows_left_out": summary.rows_left_out,
        "rows_refused": summary.rows_refused,
        "lines": summary.lines,
        "orders": sum(orders.values()),
        **{f"orders_{outcome}": count for outcome, count in sorted(orders.items())},
        "changed_nothing": summary.changed_nothing,
        "reported": summary.reported,
        "run_id": str(summary.run_id) if summary.run_id else None,
        "wall_s": round(wall_s, 3),
        "lines_per_s": round(summary.rows_read / wall_s),
    }


def _mapping(path: Path) -> dict[str, Any]:
    from recoup.orders.mapping.values import MappingMistake

    try:
        mapping = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise MappingMistake(f"the mapping {path} cannot be read: {problem}") from None
    if not isinstance(mapping, dict):
        raise MappingMistake(f"the mapping {path} is not a JSON object")
    return mapping


@contextmanager
def _report(path: Path | None) -> Iterator[Callable[[Any], None] | None]:
    """What every note is told to: a table of notes, or JSON lines; None when nobody asked for a report."""
    if path is None:
        yield None
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            table = csv.writer(file)
            table.writerow(["file", "row", "code", "treated", "message", "content"])
            yield lambda note: table.writerow(
                [note.file, note.row, note.code, note.treated, note.message, json.dumps(note.content, default=str)]
            )
        else:
            yield lambda note: print(
                json.dumps(
                    {
                        "file": note.file,
                        "row": note.row,
                        "code": note.code,
                        "treated": note.treated,
                        "message": note.message,
                        "content": note.content,
                    },
                    default=str,
                ),
                file=file,
            )


class _Bar:
    """Nothing to see: for `--json`."""

    def heard(self, count: int) -> None:
        """So many bytes were read."""

    def stored(self, summary: Any) -> None:
        """A chunk was stored."""


class _RichBar(_Bar):
    def __init__(self, bar: Any, task: Any) -> None:
        self._bar, self._task, self._read, self._started_s = bar, task, 0, time.monotonic()

    def heard(self, count: int) -> None:
        self._read += count

    def stored(self, summary: Any) -> None:
        per_s = summary.rows_read / (time.monotonic() - self._started_s)
        words = f"{summary.rows_read:,} rows, {sum(summary.orders.values()):,} orders, {per_s:,.0f} rows/s"
        self._bar.update(self._task, completed=self._read, said=words)


@contextmanager
def _progress(paths: list[Path], *, is_quiet: bool) -> Iterator[_Bar]:
    if is_quiet:
        yield _Bar()
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Importing"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[said]}"))
    with Progress(*columns, TimeRemainingColumn(), transient=True) as bar:
        task = bar.add_task("import", total=sum(path.stat().st_size for path in paths), said="")
        yield _RichBar(bar, task)


def _print(summary: dict[str, Any]) -> None:
    would = "would be " if summary["is_dry_run"] else ""
    print(f"{summary['rows_read']:,} rows read in {summary['wall_s']:.1f} s ({summary['lines_per_s']:,} rows/s)")
    print(f"  {summary['rows_kept']:,} belong to {summary['orders']:,} orders")
    print(f"  {summary['rows_left_out']:,} are no orders by the mapping's rules")
    print(f"  {summary['rows_refused']:,} were refused")
    for name, count in summary.items():
        if name.startswith("orders_"):
            print(f"{count:>12,} orders {would}{name.removeprefix('orders_')}")
    if summary["reported"]:
        print("Reported:")
        for code, count in summary["reported"].items():
            print(f"{count:>12,} {code.replace('_', ' ')}")
    if summary["changed_nothing"]:
        print("Nothing changed: every order stood here already.")
