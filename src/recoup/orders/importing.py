"""Importing files: documents are read, frozen and stored some thousand rows at a time, each chunk in one transaction.

An import that was cut short keeps its finished chunks; started again, it finds those orders the same and goes on.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from recoup.kernel.errors import Refusal
from recoup.orders import actions, freezing
from recoup.orders.documents import OrderDocument
from recoup.orders.freezing import FrozenOrder
from recoup.orders.mapping.notes import Note
from recoup.orders.mapping.tally import Origin, Tally
from recoup.orders.mapping.values import MappingMistake
from recoup.orders.sources import files, tables, trees
from recoup.orders.states import CopyOutcome
from recoup.orders.writing import Copied

#: Lines per transaction: large enough for COPY to pay, small enough that progress is kept and locks are short.
LINES_PER_CHUNK = 20_000
ORDERS_PER_CHUNK = 5_000
SOURCES = {"csv": tables.orders, "json": trees.orders, "json_lines": trees.orders}
_WORDS = frozenset("about format files csv rows order line payments earlier_refunds joins each orders request".split())


@dataclass(slots=True, kw_only=True)
class Summary:
    """How an import went. `orders` counts outcomes; rows read = kept + left out + refused."""

    rows_read: int = 0
    rows_kept: int = 0
    rows_left_out: int = 0
    rows_refused: int = 0
    lines: int = 0
    orders: Counter[str] = field(default_factory=Counter)
    reported: dict[str, int] = field(default_factory=dict)
    run_id: UUID | None = None

    @property
    def changed_nothing(self) -> bool:
        """Every order stood here already, exactly so."""
        return set(self.orders) <= {CopyOutcome.SAME, CopyOutcome.OLDER, CopyOutcome.REFUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import. `clock` tells the time; `heard` how many bytes were read, `told` each note, `stored` each chunk.

    `run_id` is the run that stands in the books already, if one does; `notes` are kept in its report.
    """

    merchant_id: UUID
    paths: Sequence[Path]
    mapping: Mapping[str, Any]
    clock: Callable[[], datetime]
    rail_account: str | None = None
    is_dry: bool = False
    heard: Callable[[int], None] = lambda _: None
    told: Callable[[Note], None] | None = None
    stored: Callable[[Summary], None] = lambda _: None
    run_id: UUID | None = None
    notes: Sequence[Mapping[str, Any]] = ()

    def run(self) -> Summary:
        """The orders of the files are stored; the run stands in the books unless it was dry.

        Raises MappingMistake, SourceMissing, SourceUnreadable.
        """
        check(self.mapping)
        paths = files.files_of(self.paths, self.mapping.get("files", "*"))
        tally, summary = Tally(self.told), Summary()
        source = f"import:{paths[0].name}"
        summary.run_id = self.run_id
        if not self.is_dry and self.run_id is None:
            summary.run_id = actions.begin_import(
                merchant_id=self.merchant_id,
                file_name=", ".join(path.name for path in paths),
                file_hash=files.digest(paths),
                mapping=self.mapping,
                at=self.clock(),
            )
        read = SOURCES[self.mapping["format"]]
        documents = read(paths=paths, mapping=self.mapping, tally=tally, heard=self.heard)
        with _collector_at_rest():
            self._store_all(_chunks(self._frozen(documents, tally, summary)), source, tally, summary)
        _sum_up(summary, tally)
        self._finish(summary)
        return summary

    def _frozen(
        self, documents: Iterator[tuple[OrderDocument, Origin]], tally: Tally, summary: Summary
    ) -> Iterator[tuple[FrozenOrder, Origin]]:
        for document, origin in documents:
            for payment in document.payments:
                payment.rail_account = payment.rail_account or self.rail_account
            try:
                yield freezing.freeze(document), origin
            except Refusal as refusal:
                tally.refuse_order(origin, refusal.code, refusal.detail)
                summary.orders[CopyOutcome.REFUSED] += 1

    def _store_all(
        self, chunks: Iterator[list[tuple[FrozenOrder, Origin]]], source: str, tally: Tally, summary: Summary
    ) -> None:
        """One chunk is written while the next one is read: the database works while we do."""
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="import") as writer:
            try:
                waiting: tuple[list[tuple[FrozenOrder, Origin]], Future[list[Copied]]] | None = None
                for chunk in chunks:
                    if waiting is not None:
                        self._account(*waiting, tally, summary)
                    waiting = chunk, writer.submit(self._store, chunk, source)
                if waiting is not None:
                    self._account(*waiting, tally, summary)
            finally:
                writer.submit(lambda: connection.close()).result()  # noqa: PLW0108 - that thread's connection

    def _store(self, chunk: list[tuple[FrozenOrder, Origin]], source: str) -> list[Copied]:
        return actions.take_copies(
            merchant_id=self.merchant_id,
            orders=[order for order, _ in chunk],
            source=source,
            at=self.clock(),
            is_bulk=True,
            is_dry=self.is_dry,
        )

    def _account(
        self, chunk: list[tuple[FrozenOrder, Origin]], copied: Future[list[Copied]], tally: Tally, summary: Summary
    ) -> None:
        for (order, origin), answer in zip(chunk, copied.result(), strict=True):
            summary.orders[answer.outcome] += 1
            if answer.refusal is not None:
                tally.refuse_order(origin, answer.refusal.code, answer.refusal.detail)
                continue
            summary.lines += len(order.lines)
            if answer.outcome is CopyOutcome.DIFFERS:
                message = "the order is frozen; what this copy says otherwise was noted and changes nothing"
                tally.remark(origin, "differs", message)
        _sum_up(summary, tally)
        self.stored(summary)

    def _finish(self, summary: Summary) -> None:
        if summary.run_id is None:
            return
        orders = summary.orders
        actions.finish_import(
            merchant_id=self.merchant_id,
            run_id=summary.run_id,
            rows_read=summary.rows_read,
            rows_refused=summary.rows_refused,
            orders_new=orders[CopyOutcome.NEW],
            orders_changed=orders[CopyOutcome.CHANGED] + orders[CopyOutcome.REPLACED] + orders[CopyOutcome.REFRESHED],
            orders_same=orders[CopyOutcome.SAME] + orders[CopyOutcome.OLDER],
            report={
                "reported": summary.reported,
                "orders": dict(orders),
                "rows_left_out": summary.rows_left_out,
                "notes": list(self.notes),
            },
            at=self.clock(),
        )


@dataclass(slots=True, kw_only=True)
class Preview:
    """The first orders of a file as they would be stored, and what there is to say about their rows."""

    orders: list[FrozenOrder] = field(default_factory=list)
    orders_good: int = 0
    orders_refused: int = 0
    notes: list[Note] = field(default_factory=list)
    is_whole: bool = True


def preview(path: Path, *, mapping: Mapping[str, Any], shown: int, orders_max: int, notes_max: int) -> Preview:
    """Up to `orders_max` orders of the file are read and frozen, and nothing is written.

    What our copies say already is not looked at. Raises MappingMistake, SourceUnreadable.
    """
    check(mapping)
    found = Preview()
    tally = Tally(lambda note: found.notes.append(note) if len(found.notes) < notes_max else None)
    documents = SOURCES[mapping["format"]](paths=[path], mapping=mapping, tally=tally, heard=lambda _: None)
    for document, origin in documents:
        if found.orders_good + found.orders_refused >= orders_max:
            found.is_whole = False
            break
        try:
            frozen = freezing.freeze(document)
        except Refusal as refusal:
            tally.refuse_order(origin, refusal.code, refusal.detail)
            found.orders_refused += 1
            continue
        found.orders_good += 1
        if len(found.orders) < shown:
            found.orders.append(frozen)
    return found


def check(mapping: Mapping[str, Any]) -> None:
    """Nothing happens when the mapping has the right words at its top. Raises MappingMistake."""
    unknown = set(mapping) - _WORDS
    if unknown:
        raise MappingMistake(f"a mapping has no {', '.join(sorted(unknown))}")
    if mapping.get("format") not in SOURCES:
        raise MappingMistake(f"the format of a mapping is one of {', '.join(SOURCES)}")
    missing = {"order", "line"} - set(mapping)
    if missing:
        raise MappingMistake(f"a mapping has {' and '.join(sorted(missing))}")


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Rows make no reference cycles; looking for some through millions of them took a fifth of an import's time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _chunks(frozen: Iterator[tuple[FrozenOrder, Origin]]) -> Iterator[list[tuple[FrozenOrder, Origin]]]:
    chunk: list[tuple[FrozenOrder, Origin]] = []
    lines = 0
    for order, origin in frozen:
        chunk.append((order, origin))
        lines += len(order.lines)
        if lines >= LINES_PER_CHUNK or len(chunk) >= ORDERS_PER_CHUNK:
            yield chunk
            chunk, lines = [], 0
    if chunk:
        yield chunk


def _sum_up(summary: Summary, tally: Tally) -> None:
    summary.rows_read = tally.rows_read
    summary.rows_kept = tally.rows_kept
    summary.rows_left_out = tally.rows_left_out
    summary.rows_refused = tally.rows_refused
    summary.reported = dict(sorted(tally.codes.items()))
