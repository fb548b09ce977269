"""Our access tokens: JWTs (RFC 9068) that say who asks and what for, believed only as long as their row is there.

The signature says that we wrote it; the row says that nobody has taken it back. Both are asked at every request, so a
token that was revoked opens nothing from then on. What else a token's header may name (`jku`, `jwk`, `x5u`, ...) makes
it none of ours.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings

from recoup.access.principals import Kind, Principal
from recoup.identity import grants, signing_keys
from recoup.identity.grants import ACCESS_LIVES, Grant, Held

#: One, and never read from a token.
ALGORITHMS = ("RS256",)
TYPE, ID_TYPE = "at+jwt", "JWT"
LEEWAY_S = 30
BYTES_MAX = 4096
#: A SHA-256 in base64url.
KID_LENGTH = 43
#: A proof of who somebody is counts as fresh for so long, as at our own pages (web/staff/desk.py).
RECENT = timedelta(minutes=15)
_HEADER = {"typ", "alg", "kid"}
_REQUIRED = ["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A token that we wrote, with what the database knows of it now."""

    claims: Mapping[str, Any]
    grant: Grant

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(self.claims["scope"].split())


def issuer() -> str:
    """Who we are to those who check tokens."""
    return str(settings.PUBLIC_URL)


def audience() -> str:
    """What access tokens are for: the JSON API."""
    return f"{settings.PUBLIC_URL}/api/v1"


def principal_of(token: str, *, at: datetime) -> Principal | None:
    """Who shows this access token; None for everything that is not one, or not any more."""
    found = read(token, at=at)
    if found is None:
        return None
    grant = found.grant
    if grant.person_id is None:
        return Principal(kind=Kind.CLIENT, id=grant.app_id, merchant_id=grant.merchant_id, scopes=found.scopes)
    return Principal(
        kind=Kind.PERSON,
        id=grant.person_id,
        merchant_id=grant.merchant_id,
        role=grant.role or "",
        scopes=found.scopes,
        email=grant.email or "",
        # Nobody lets an app act for them without it (web/oauth/consent.py).
        has_second_factor=True,
        is_recent=at - datetime.fromtimestamp(grant.facts["auth_time"], tz=at.tzinfo) < RECENT,
        by_token=True,
    )


def read(token: str, *, at: datetime) -> Read | None:
    """The access token, if we wrote it and it counts at that moment."""
    signed = _signed(token, type_=TYPE, audience=audience())
    if signed is None:
        return None
    kid, claims = signed
    grant = grants.find(Held.ACCESS, grants.hash_of(claims["jti"]), at=at, kid=kid)
    if grant is None or not grant.has_key or not grant.is_alive(at):
        return None
    is_of_row = claims["client_id"] == str(grant.app_id) and claims["sub"] == str(grant.person_id or grant.app_id)
    return Read(claims=claims, grant=grant) if is_of_row else None


def new_id() -> str:
    """The `jti` of a new token: 128 random bits."""
    return secrets.token_urlsafe(16)


def write_access_token(
    *, app_id: UUID, person_id: UUID | None, scopes: list[str], jti: str, auth_time: int | None, at: datetime
) -> str:
    """A signed access token. It counts once its row is there. Raises NoSigningKey."""
    now = int(at.timestamp())
    claims: dict[str, Any] = {
        "iss": issuer(),
        "aud": audience(),
        "sub": str(person_id or app_id),
        "client_id": str(app_id),
        "iat": now,
        "exp": now + int(ACCESS_LIVES.total_seconds()),
        "jti": jti,
        "scope": " ".join(scopes),
    }
    if auth_time is not None:
        claims["auth_time"] = auth_time
    return sign(claims, type_=TYPE, at=at)


def sign(claims: Mapping[str, Any], *, type_: str, at: datetime) -> str:
    """The claims under the key that signs now. Raises NoSigningKey."""
    key = signing_keys.signing(at=at)
    if key is None:
        raise NoSigningKey
    kid, private = key
    return jwt.encode(dict(claims), private, algorithm=ALGORITHMS[0], headers={"kid": kid, "typ": type_})


class NoSigningKey(RuntimeError):
    """Nobody has made a key yet (`actions.make_signing_key`)."""


def subject_of_id_token(token: str, *, app_id: UUID) -> str | None:
    """Whom an ID token of ours for that app is about, also when its time is over; None when it is not one."""
    signed = _signed(token, type_=ID_TYPE, audience=str(app_id), is_over_allowed=True)
    return str(signed[1]["sub"]) if signed else None


def _signed(
    token: str, *, type_: str, audience: str, is_over_allowed: bool = False
) -> tuple[str, dict[str, Any]] | None:
    """The key's name and the claims of a token with a good signature of ours, for that audience, in its time."""
    if len(token) > BYTES_MAX or not token.isascii() or token.count(".") != 2:
        return None
    try:
        header = jwt.get_unverified_header(token)
        if set(header) != _HEADER or header["typ"] != type_ or not _is_name_of_key(header["kid"]):
            return None
        public = signing_keys.public(header["kid"])
        if public is None:
            return None
        claims = jwt.decode(
            token,
            public,
            algorithms=ALGORITHMS,
            audience=audience,
            issuer=issuer(),
            leeway=LEEWAY_S,
            options={
                "require": _REQUIRED if type_ == TYPE else ["iss", "aud", "sub", "exp"],
                "strict_aud": True,
                "verify_exp": not is_over_allowed,
            },
        )
    except (jwt.PyJWTError, ValueError):
        return None
    if not all(isinstance(claims.get(name, ""), str) for name in ("jti", "scope", "client_id")):
        return None
    return header["kid"], claims


def _is_name_of_key(told: object) -> bool:
    """Written as our thumbprints are: nothing else is worth a look into the database."""
    return isinstance(told, str) and len(told) == KID_LENGTH and told.isascii() and told.isprintable()
