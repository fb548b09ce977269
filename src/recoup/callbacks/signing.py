"""Signatures as the Standard Webhooks specification has them: HMAC-SHA256 over `id.timestamp.body`, scheme `v1`.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from uuid import UUID

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """256 random bits, as their owner sees them, once."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def message_id(delivery_id: UUID) -> str:
    """The header webhook-id: the same at every try, so that a receiver can tell a repetition."""
    return f"msg_{delivery_id.hex}"


def headers(*, message: str, body: bytes, signed_at: int, secrets_now: Sequence[str]) -> dict[str, str]:
    """The three headers. While a secret is replaced there is a signature by each, the new one first."""
    told = f"{message}.{signed_at}.".encode() + body
    return {
        "webhook-id": message,
        "webhook-timestamp": str(signed_at),
        "webhook-signature": " ".join(_signature(told, secret) for secret in secrets_now),
    }


def _signature(told: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
