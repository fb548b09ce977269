"""API keys: 256 random bits, shown once, kept as a SHA-256 (enough for a secret nobody can guess)."""

from __future__ import annotations

import hashlib
import secrets

from recoup.access import policies

PREFIX = "rk_"
#: Every scope that an action under `policies/` names.
SCOPES = policies.scopes()


def new_secret() -> str:
    """A fresh key as its owner will see it, once."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_of(secret: str) -> bytes:
    """What is stored and looked up."""
    return hashlib.sha256(secret.encode()).digest()
