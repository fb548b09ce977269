"""One-time codes and guest tokens: how they are made and compared. Secrets are kept hashed."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from django.conf import settings

from recoup.access.principals import GUEST_PREFIX

CODE_LIVES = timedelta(minutes=10)
PASS_LIVES = timedelta(days=30)
TRIES_MAX = 5


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def hash_code(code: str, *, salt: str) -> bytes:
    """A code is short, so its hash is keyed with the application's secret: the table alone gives nothing away."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{salt}:{code}".encode(), hashlib.sha256).digest()


def new_token() -> str:
    """128 random bits for a guest."""
    return secrets.token_urlsafe(16)


def new_guest_token() -> str:
    """The same as the API is shown it: it says what it is, so that programs that look for leaked secrets find it."""
    return f"{GUEST_PREFIX}{new_token()}"


def hash_token(token: str) -> bytes:
    """What is stored and looked up."""
    return hashlib.sha256(token.encode()).digest()
