"""Photos on disk: checked by content, turned upright, stripped of place and camera, re-encoded, named by their hash."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection
from PIL import Image, ImageOps, UnidentifiedImageError

from recoup.refunds.actions.add_evidence import PhotoRefused
from recoup.refunds.showing import NewPhoto

SIZE_MAX = 15 * 1024 * 1024
PIXELS_MAX = 50_000_000
SIDE_MAX = 2400
_FORMATS = ("JPEG", "PNG", "WEBP")


def keep(content: bytes, *, merchant_id: UUID) -> NewPhoto:
    """The photo is on disk, readable by Recoup only. Raises PhotoRefused with what to do instead."""
    from recoup.refunds.policy.photos import fingerprint  # numpy loads with the first photo, not at each start

    assert not connection.in_atomic_block, "files are written before the transaction begins"  # noqa: S101
    if len(content) > SIZE_MAX:
        raise PhotoRefused("This photo is larger than 15 MB. Please take it again in a smaller size")
    image = _opened(content)
    clean = _upright(image).convert("RGB")
    clean.info.clear()  # notes and comments go no further
    clean.thumbnail((SIDE_MAX, SIDE_MAX))
    encoded = io.BytesIO()
    clean.save(encoded, "JPEG", quality=88)
    body = encoded.getvalue()
    digest = hashlib.sha256(body).digest()
    file_key = f"{merchant_id}/{digest.hex()[:2]}/{digest.hex()}.jpg"
    _write(settings.EVIDENCE_DIR.joinpath(file_key), body)
    return NewPhoto(
        file_key=file_key,
        sha256=digest,
        content_type="image/jpeg",
        size_bytes=len(body),
        width=clean.width,
        height=clean.height,
        fingerprint=tuple(_signed(form) for form in fingerprint(clean).forms),
    )


def read(file_key: str) -> bytes:
    """The photo's bytes. `file_key` comes from our own rows, never from a request."""
    return bytes(settings.EVIDENCE_DIR.joinpath(file_key).read_bytes())


def _opened(content: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(content), formats=_FORMATS)
        if image.width * image.height > PIXELS_MAX:
            raise PhotoRefused("This picture has too many pixels. Please take it again in a smaller size")
        image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError, ValueError):
        raise PhotoRefused("This file is not a JPEG, PNG or WebP photo, or it is damaged") from None
    return image


def _upright(image: Image.Image) -> Image.Image:
    """Turned as its notes (EXIF) say; as it is when nobody can read them."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - Pillow stumbles over foreign notes in a dozen ways, and none of them is ours
        return image


def _write(path: Path, body: bytes) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    with half.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def _signed(form: int) -> int:
    """PostgreSQL's bigint is signed; the bits are the same."""
    return form - (1 << 64) if form >= 1 << 63 else form
