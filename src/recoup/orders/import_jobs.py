"""Importing the files that companies' people put in line: the worker's work, one file at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog

from recoup.kernel.errors import Refusal
from recoup.orders import actions
from recoup.orders.actions import WaitingImport
from recoup.orders.actions.note_import import SomebodyElseHasIt
from recoup.orders.gateways import order_files
from recoup.orders.importing import Import, Summary
from recoup.orders.mapping.notes import Note
from recoup.orders.sources.files import SourceMissing

TRIES_MAX, NOTES_MAX = 3, 200
GONE = "The file is not there any more. Please send it again."
TRIED = "It was tried three times and did not end. What was stored before stays; please send the file in parts."

log = structlog.get_logger(__name__)


def run_next(*, at: datetime) -> int:
    """The file that has waited longest is imported. Gives 1, or 0 when none waits."""
    taken = actions.take_import()
    if taken is None:
        return 0
    whose = {"merchant_id": taken.merchant_id, "run_id": taken.id}
    try:
        if taken.fence > TRIES_MAX:
            actions.give_up_import(problem=TRIED, at=at, **whose)
        else:
            _import(taken, at=at)
    except SomebodyElseHasIt:
        return 1
    except SourceMissing:
        actions.give_up_import(problem=GONE, at=at, **whose)
    except Refusal as refusal:
        actions.give_up_import(problem=refusal.detail or refusal.title, at=at, **whose)
    order_files.remove(taken.file_key, merchant_id=taken.merchant_id)
    return 1


def _import(taken: WaitingImport, *, at: datetime) -> None:
    bytes_read = 0
    notes: list[dict[str, Any]] = []

    def heard(count: int) -> None:
        nonlocal bytes_read
        bytes_read += count

    def told(note: Note) -> None:
        if len(notes) < NOTES_MAX:
            notes.append({"row": note.row, "code": note.code, "treated": note.treated, "message": note.message})

    def stored(summary: Summary) -> None:
        actions.note_import(
            merchant_id=taken.merchant_id,
            run_id=taken.id,
            fence=taken.fence,
            bytes_read=bytes_read,
            rows_read=summary.rows_read,
        )

    summary = Import(
        merchant_id=taken.merchant_id,
        paths=[order_files.path_of(taken.file_key, merchant_id=taken.merchant_id)],
        mapping=taken.mapping,
        clock=lambda: at,
        heard=heard,
        told=told,
        stored=stored,
        run_id=taken.id,
        notes=notes,
    ).run()
    log.info("import", rows=summary.rows_read, refused=summary.rows_refused)
