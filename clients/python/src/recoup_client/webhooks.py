"""Is this webhook really Recoup's? By the Standard Webhooks specification (https://www.standardwebhooks.com), 1.0.0."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from recoup_client.errors import BadSettings, RecoupError

PREFIX = "whsec_"
#: A delivery that is older, or from later, than this is refused: it may be a replay.
TOLERANCE_S = 300.0


class BadSignature(RecoupError):
    """Not ours, changed on the way, or too old. Answer 400 and do nothing with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A delivery that was checked. `id` is the same in every repetition: remember it, and do nothing twice."""

    id: str
    sent_at: datetime
    payload: Any


class WebhookVerifier:
    """Checks deliveries with the endpoint's secret; with two while one is being replaced."""

    def __init__(self, *secrets: str) -> None:
        """`secrets` are `whsec_...`, as Recoup showed them. Raises BadSettings."""
        if not secrets:
            raise BadSettings("A secret is needed: whsec_...")
        self._keys = [_key_of(secret) for secret in secrets]

    def verify(self, body: bytes | str, headers: Mapping[str, str], *, now: float | None = None) -> Webhook:
        """The delivery, when it is Recoup's. `body` is the raw body, before anybody parsed it. Raises BadSignature."""
        told = {name.lower(): value for name, value in headers.items()}
        message_id, stamp = told.get("webhook-id", ""), told.get("webhook-timestamp", "")
        if not message_id or not stamp or "webhook-signature" not in told:
            raise BadSignature("The headers webhook-id, webhook-timestamp and webhook-signature are needed")
        sent_at = _second(stamp)
        if abs((time.time() if now is None else now) - sent_at) > TOLERANCE_S:
            raise BadSignature("The delivery is too old, or a clock is wrong")
        raw = body.encode() if isinstance(body, str) else body
        if not self._is_signed(f"{message_id}.{stamp}.".encode() + raw, told["webhook-signature"].split()):
            raise BadSignature("No signature fits: another secret, or the body was changed")
        try:
            payload = json.loads(raw)
        except ValueError:
            raise BadSignature("The body is not JSON") from None
        return Webhook(id=message_id, sent_at=datetime.fromtimestamp(sent_at, UTC), payload=payload)

    def _is_signed(self, content: bytes, signatures: Iterable[str]) -> bool:
        wanted = [_signature(key, content) for key in self._keys]
        given = [text.encode() for text in signatures if text.startswith("v1,")]
        # Every pair is compared, so that the time tells nothing.
        return sum(hmac.compare_digest(one, other) for one in wanted for other in given) > 0


def sign(secret: str, *, message_id: str, at: int, body: bytes) -> str:
    """The header webhook-signature, for tests of your own endpoint."""
    return _signature(_key_of(secret), f"{message_id}.{at}.".encode() + body).decode()


def _signature(key: bytes, content: bytes) -> bytes:
    return b"v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256))


def _key_of(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise BadSettings("That is not the secret of a webhook endpoint: whsec_ and base64")
    return key


def _second(stamp: str) -> int:
    if not stamp.isascii() or not stamp.isdecimal() or len(stamp) > 12:
        raise BadSignature("webhook-timestamp is not a time")
    return int(stamp)
