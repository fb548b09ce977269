"""Photos on their way between a form and the evidence store."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.utils.translation import gettext

from recoup.refunds import actions as refunds
from recoup.refunds.gateways import evidence_store
from recoup.refunds.showing import NewPhoto


def keep_all(files: Iterable[UploadedFile[Any]], *, merchant_id: UUID) -> tuple[list[dict[str, Any]], list[str]]:
    """The good photos as a draft keeps them, and a sentence for each that is none."""
    kept, problems = [], []
    for file in files:
        try:
            kept.append(_as_kept(evidence_store.keep(file.read(), merchant_id=merchant_id)))
        except refunds.PhotoRefused as refusal:
            problems.append(f"{file.name}: {gettext(refusal.detail)}")
    return kept, problems


def from_kept(kept: dict[str, Any]) -> NewPhoto:
    """The stored photo that a draft remembers."""
    return NewPhoto(
        file_key=kept["file_key"],
        sha256=bytes.fromhex(kept["sha256"]),
        content_type=kept["content_type"],
        size_bytes=kept["size_bytes"],
        width=kept["width"],
        height=kept["height"],
        fingerprint=tuple(kept["fingerprint"]),
    )


def answer(file_key: str) -> HttpResponse:
    """The photo as a browser may show it and nothing else: never run, never guessed at, never kept."""
    response = HttpResponse(evidence_store.read(file_key), content_type="image/jpeg")
    response.headers["Content-Disposition"] = 'inline; filename="photo.jpg"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _as_kept(photo: NewPhoto) -> dict[str, Any]:
    return {
        "key": photo.sha256.hex()[:20],
        "file_key": photo.file_key,
        "sha256": photo.sha256.hex(),
        "content_type": photo.content_type,
        "size_bytes": photo.size_bytes,
        "width": photo.width,
        "height": photo.height,
        "fingerprint": list(photo.fingerprint),
    }


def attach(kept: list[dict[str, Any]], *, merchant_id: UUID, case_id: UUID, by: str, at: datetime) -> None:
    """The draft's photos are with the case. A case that was decided at once takes none any more, and needs none."""
    with suppress(refunds.MoveNotAllowed):
        refunds.add_evidence(
            merchant_id=merchant_id,
            case_id=case_id,
            photos=[from_kept(photo) for photo in kept],
            words="",
            by=by,
            at=at,
        )
