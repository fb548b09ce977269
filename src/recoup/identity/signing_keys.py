"""The keys that our tokens are signed with: which one signs now, which ones are believed, how a new one is made.

RSA of 2048 bits for RS256: OpenID Connect asks every provider for that algorithm, every library has it, and what is
done at each request, the check, is the cheap half of it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db.models import Q
from jwt.algorithms import RSAAlgorithm

from recoup.access import sealing
from recoup.identity.models import SigningKey

BITS = 2048
#: Whoever checks our tokens may keep our public keys for so long without asking again.
KEPT_BY_OTHERS = timedelta(minutes=5)
#: A signature is believed at least this long after its key has signed last: longer than any token lives.
BELIEVED_AFTER = timedelta(minutes=11)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOnTheList:
    """A key without its private half."""

    kid: str
    created_at: datetime
    signs_from: datetime
    retires_at: datetime | None
    signs_now: bool


def new_key(*, at: datetime, signs_from: datetime) -> SigningKey:
    """A row, not kept yet, with two halves that nobody has seen."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    told = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    jwk = {"kty": "RSA", "n": told["n"], "e": told["e"], "use": "sig", "alg": "RS256"}
    kid = _thumbprint(jwk)
    return SigningKey(
        kid=kid,
        public_jwk={**jwk, "kid": kid},
        private_sealed=sealing.seal_for_us(pem.decode()),
        created_at=at,
        signs_from=signs_from,
    )


def signing(*, at: datetime) -> tuple[str, rsa.RSAPrivateKey] | None:
    """The name and the private half of the key that signs now; None before there is one."""
    row = _signing(at)
    if row is None:
        return None
    private = _private.get(row.kid)
    if private is None:
        _private.clear()
        private = _private[row.kid] = _opened(row)
    return row.kid, private


def public(kid: str) -> rsa.RSAPublicKey | None:
    """The public half of a key of ours, believed or not any more; None for any other name."""
    known = _public.get(kid)
    if known is None:
        row = SigningKey.objects.filter(kid=kid).first()
        if row is None:
            return None
        if len(_public) >= REMEMBERED_MAX:
            _public.clear()
        known = _public[kid] = _read(row.public_jwk)
    return known


def published(*, at: datetime) -> list[Mapping[str, Any]]:
    """The public halves of all keys that sign, will sign, or have signed what is still believed; newest first."""
    return [row.public_jwk for row in _believed(at)]


def all_keys(*, at: datetime) -> list[KeyOnTheList]:
    """Every key that is believed, newest first."""
    signs = _signing(at)
    return [
        KeyOnTheList(
            kid=row.kid,
            created_at=row.created_at,
            signs_from=row.signs_from,
            retires_at=row.retires_at,
            signs_now=signs is not None and row.kid == signs.kid,
        )
        for row in _believed(at)
    ]


#: Opening a private half and reading a public one takes milliseconds; whether a key counts is asked anew each time.
REMEMBERED_MAX = 100
_private: dict[str, rsa.RSAPrivateKey] = {}
_public: dict[str, rsa.RSAPublicKey] = {}


def _believed(at: datetime) -> list[SigningKey]:
    alive = Q(retires_at__isnull=True) | Q(retires_at__gt=at)
    return list(SigningKey.objects.filter(alive).order_by("-signs_from", "-id"))


def _signing(at: datetime) -> SigningKey | None:
    return next((row for row in _believed(at) if row.signs_from <= at), None)


def _opened(row: SigningKey) -> rsa.RSAPrivateKey:
    pem = sealing.open_ours(row.private_sealed)
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("a signing key is an RSA key")
    return key


def _read(jwk: Mapping[str, Any]) -> rsa.RSAPublicKey:
    key = RSAAlgorithm.from_jwk(dict(jwk))
    if not isinstance(key, rsa.RSAPublicKey):
        raise TypeError("a public key is published")
    return key


def _thumbprint(jwk: Mapping[str, str]) -> str:
    """RFC 7638."""
    told = json.dumps({name: jwk[name] for name in ("e", "kty", "n")}, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(told.encode()).digest()).rstrip(b"=").decode()
