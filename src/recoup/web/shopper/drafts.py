"""What a shopper has entered so far. The browser holds only its name; the draft itself is sealed and on our disk.

So a long story and six photos fit, nothing is lost by going back, and a draft ends by itself after two days.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest
from nacl.exceptions import CryptoError

from recoup.access import sealing
from recoup.kernel.ids import uuid7

LIVES_S = 2 * 86_400
SWEEP_MOST = 200
_NAME = re.compile(r"^[A-Za-z0-9_-]{22}$")
_IN_SESSION = "draft"


@dataclass(slots=True, kw_only=True)
class Draft:
    """The answers to the five steps. `quantities` is by the line's position; `key` makes confirming twice harmless."""

    name: str
    slug: str
    order_number: str = ""
    contact: str = ""
    is_proved: bool = False
    looking_since: float = 0
    is_known: bool = False
    quantities: dict[str, int] = field(default_factory=dict)
    bought: str = ""
    reason: str = ""
    is_guessed: bool = False
    words: str = ""
    photos: list[dict[str, Any]] = field(default_factory=list)
    key: str = field(default_factory=lambda: str(uuid7()))
    case_number: str = ""


def of(request: HttpRequest, slug: str) -> Draft | None:
    """The visitor's draft for that company; None when there is none, or when it ended."""
    name = str(request.session.get(_IN_SESSION, ""))
    if not _NAME.match(name):
        return None
    try:
        draft = Draft(**orjson.loads(sealing.open_ours(_path(name).read_bytes())))
    except (FileNotFoundError, CryptoError, TypeError, orjson.JSONDecodeError):
        return None
    return draft if draft.slug == slug else None


def begin(request: HttpRequest, slug: str) -> Draft:
    """A new, empty draft belongs to the visitor; drafts that nobody came back to are swept away."""
    _sweep()
    draft = Draft(name=secrets.token_urlsafe(16), slug=slug)
    request.session[_IN_SESSION] = draft.name
    return draft


def keep(draft: Draft) -> None:
    """The draft is on disk as it stands."""
    path = _path(draft.name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_suffix(f".{secrets.token_hex(4)}")
    half.write_bytes(sealing.seal_for_us(orjson.dumps(asdict(draft)).decode()))
    half.replace(path)


def _path(name: str) -> Path:
    return Path(settings.EVIDENCE_DIR) / "drafts" / name


def _sweep() -> None:
    folder = Path(settings.EVIDENCE_DIR) / "drafts"
    if not folder.is_dir():
        return
    ended = time.time() - LIVES_S
    for number, path in enumerate(folder.iterdir()):
        if number >= SWEEP_MOST:
            return
        if path.stat().st_mtime < ended:
            path.unlink(missing_ok=True)
