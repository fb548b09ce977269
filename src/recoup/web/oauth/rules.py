"""What oauthlib asks us while it reads a request: who is this app, may it ask for that, what was it given before.

Each of oauthlib's questions is a method under the name that oauthlib gives it. One of these lives as long as one
request. This file is long because the protocol asks many small questions, and half the answers would be no answer.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus
from uuid import UUID

from oauthlib.common import Request
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.openid import RequestValidator

from recoup.identity import actions, app_kinds, company_apps, grants, tokens
from recoup.identity.company_apps import Registered
from recoup.identity.grants import Grant, Heard, Held
from recoup.kernel.ids import uuid7
from recoup.web.oauth import notices


class Rules(RequestValidator):  # type: ignore[misc]
    """The answers. `person_id` is who sits at the page, `facts` what they have proved when they say yes
    (`consent.facts_of`). `by_secret`: only apps that can keep a secret are answered.
    """

    def __init__(
        self,
        *,
        at: datetime,
        person_id: UUID | None = None,
        facts: dict[str, Any] | None = None,
        by_secret: bool = False,
    ) -> None:
        super().__init__()
        self._at, self._person_id, self._facts, self._by_secret = at, person_id, facts, by_secret
        self._apps: dict[str, Registered | None] = {}
        self._given: Grant | None = None
        self._jti = tokens.new_id()

    # Who asks ---------------------------------------------------------------------------------------------------------

    def app(self, client_id: Any) -> Registered | None:
        """The live app of that id."""
        told = client_id if isinstance(client_id, str) else ""
        if told not in self._apps:
            self._apps[told] = company_apps.registered(told)
        return self._apps[told]

    def validate_client_id(self, client_id: str, request: Request, *_: Any, **__: Any) -> bool:
        return self._take(self.app(client_id), request)

    def client_authentication_required(self, request: Request, *_: Any, **__: Any) -> bool:
        """Everybody proves who they are but the apps that can keep no secret."""
        app = self.app(request.client_id)
        return self._by_secret or app is None or not app_kinds.of(app.client).is_public

    def authenticate_client(self, request: Request, *_: Any, **__: Any) -> bool:
        """By its secret, in the header or in the body; never in both."""
        basic = _basic(request.headers.get("Authorization", ""))
        body = (request.client_id, request.client_secret) if request.client_secret else None
        if (basic is None) == (body is None):
            return False
        client_id, secret = basic or body or ("", "")
        app = self.app(client_id)
        if request.client_id not in (None, client_id) or app is None or not isinstance(secret, str):
            return False
        return app_kinds.is_secret_of(app.client, secret) and self._take(app, request)

    def authenticate_client_id(self, client_id: str, request: Request, *_: Any, **__: Any) -> bool:
        """A public app shows no secret, so it shows none of somebody else's either."""
        app = self.app(client_id)
        is_public = app is not None and app_kinds.of(app.client).is_public
        return is_public and "Authorization" not in request.headers and self._take(app, request)

    def _take(self, app: Registered | None, request: Request) -> bool:
        if app is None:
            return False
        request.client = app.client
        request.client.client_id = app.client.id
        return True

    # What it may ask for ----------------------------------------------------------------------------------------------

    def validate_grant_type(self, _id: str, grant_type: str, client: Any, *_: Any, **__: Any) -> bool:
        return grant_type in client.get_grant_types()

    def validate_response_type(self, _id: str, response_type: str, client: Any, *_: Any, **__: Any) -> bool:
        return response_type in client.get_response_types()

    def validate_scopes(self, _id: str, scopes: list[str], client: Any, *_: Any, **__: Any) -> bool:
        return bool(scopes) and set(scopes) <= set(client.get_scopes())

    def get_default_scopes(self, client_id: str, *_: Any, **__: Any) -> list[str]:
        app = self.app(client_id)
        return app.client.get_default_scopes() if app else []

    def validate_redirect_uri(self, _id: str, redirect_uri: str, request: Request, *_: Any, **__: Any) -> bool:
        """Letter by letter."""
        return redirect_uri in request.client.get_redirect_uris()

    def get_default_redirect_uri(self, *_: Any, **__: Any) -> None:
        """It always says where."""
        return

    def is_pkce_required(self, *_: Any) -> bool:
        """For every app, whether it can keep a secret or not (RFC 9700, section 2.1.1)."""
        return True

    def validate_user_match(self, id_token_hint: str | None, _scopes: Any, claims: Any, request: Request) -> bool:
        """The person here is the one that the app thinks of, if it says one. Nobody here yet: they sign in first."""
        if self._person_id is None:
            return True
        person_id = str(self._person_id)
        if id_token_hint:
            return tokens.subject_of_id_token(id_token_hint, app_id=UUID(request.client_id)) == person_id
        told = (claims or {}).get("id_token", {}).get("sub", {}) if isinstance(claims, dict) else {}
        return not told or told.get("value") == person_id

    def validate_silent_login(self, *_: Any) -> bool:
        """`prompt=none`: we always ask."""
        return False

    # Codes ------------------------------------------------------------------------------------------------------------

    def save_authorization_code(self, client_id: str, code: dict[str, Any], request: Request, *_: Any) -> None:
        app = self.app(client_id)
        if app is None or self._facts is None or self._person_id is None:
            raise errors.InvalidClientIdError(request=request)
        bound = {
            "redirect_uri": request.redirect_uri,
            "challenge": request.code_challenge,
            "nonce": request.nonce,
            "family": str(uuid7()),
        }
        actions.keep_code(
            merchant_id=app.merchant_id,
            app_id=app.id,
            person_id=self._person_id,
            code=code["code"],
            scopes=request.scopes,
            facts=self._facts | bound,
            at=self._at,
        )

    def get_authorization_code_scopes(self, _id: Any, code: str, _uri: Any, _request: Request) -> list[str]:
        found = self._code(code)
        return sorted(found.scopes) if found else []

    def validate_code(self, client_id: str, code: str, _client: Any, request: Request, *_: Any, **__: Any) -> bool:
        found = self._code(code)
        if found is None:
            self._was_shown_before(code, request)
            return False
        if str(found.app_id) != client_id or not found.is_alive(self._at):
            return False
        self._given = found
        request.user, request.scopes = found.person_id, sorted(found.scopes)
        return True

    def get_code_challenge(self, code: str, _request: Request) -> str | None:
        found = self._code(code)
        return str(found.facts["challenge"]) if found else None

    def get_code_challenge_method(self, *_: Any) -> str:
        return "S256"

    def confirm_redirect_uri(self, _id: str, code: str, redirect_uri: str, *_: Any, **__: Any) -> bool:
        found = self._code(code)
        return found is not None and bool(redirect_uri == found.facts["redirect_uri"])

    def get_authorization_code_nonce(self, _id: str, code: str, *_: Any) -> str | None:
        return self._given.facts["nonce"] if self._given else None

    def invalidate_authorization_code(self, *_: Any, **__: Any) -> None:
        """It was spent in the transaction that kept the tokens."""

    def _code(self, code: str) -> Grant | None:
        given = self._given
        return given or grants.find(Held.CODE, grants.hash_of(code), at=self._at)

    # Devices ----------------------------------------------------------------------------------------------------------

    def validate_device_code(self, client_id: str, code: str, request: Request, *_: Any, **__: Any) -> str | None:
        app = self.app(client_id)
        heard = actions.hear_by_device(app_id=app.id, device_code=code, at=self._at) if app else None
        if heard is not Heard.ALLOWED:
            if heard is None:
                self._was_shown_before(code, request)
            return str(heard) if heard else None
        found = grants.find(Held.DEVICE, grants.hash_of(code), at=self._at)
        if found is None or not found.is_alive(self._at):
            return str(Heard.DENIED)
        self._given = found
        request.user, request.scopes = found.person_id, sorted(found.scopes)
        return str(heard)

    # Refreshing -------------------------------------------------------------------------------------------------------

    def validate_refresh_token(self, token: str, client: Any, request: Request, *_: Any, **__: Any) -> bool:
        """Good once. Whoever shows one again is a thief, or was robbed: the whole grant ends (RFC 9700, 4.14.2)."""
        found = grants.find(Held.REFRESH, grants.hash_of(token), at=self._at)
        if found is None:
            self._was_shown_before(token, request)
            return False
        if str(found.app_id) != client.id:
            return False
        if not found.is_alive(self._at):
            self._end(found, reason="over")
            return False
        self._given = found
        request.user = found.person_id
        return True

    def get_original_scopes(self, *_: Any, **__: Any) -> list[str]:
        return sorted(self._given.scopes) if self._given else []

    def rotate_refresh_token(self, _request: Request) -> bool:
        return True

    def _was_shown_before(self, value: str, request: Request) -> None:
        found = grants.find(Held.SPENT, grants.hash_of(value), at=self._at)
        if found is not None and str(found.app_id) == request.client.id:
            self._reused(found)

    def _reused(self, found: Grant) -> None:
        if self._end(found, reason="reused"):
            notices.app_was_cut_off(found)

    def _end(self, found: Grant, *, reason: str) -> bool:
        return actions.end_grant(
            merchant_id=found.merchant_id,
            app_id=found.app_id,
            person_id=found.person_id,
            family=found.family,
            reason=reason,
            by=f"client:{found.app_id}",
            at=self._at,
        )

    # Tokens -----------------------------------------------------------------------------------------------------------

    def access_token(self, request: Request) -> str:
        """What the app will show. oauthlib calls this before it saves."""
        given = self._given
        return tokens.write_access_token(
            app_id=UUID(request.client.id),
            person_id=given.person_id if given else None,
            scopes=request.scopes,
            jti=self._jti,
            auth_time=given.facts["auth_time"] if given else None,
            at=self._at,
        )

    def save_bearer_token(self, token: dict[str, Any], request: Request, *_: Any, **__: Any) -> None:
        given, client = self._given, request.client
        keeps_on = "refresh_token" in client.get_grant_types()
        if not keeps_on:
            token.pop("refresh_token", None)
        began = int(self._at.timestamp())
        facts = dict(given.facts) if given else {"family": str(uuid7())}
        try:
            lives = actions.issue_tokens(
                app_id=UUID(client.id),
                person_id=given.person_id if given else None,
                scopes=request.scopes,
                granted=sorted(given.scopes) if given else request.scopes,
                facts={"began": began} | facts,
                jti=self._jti,
                refresh_token=token.get("refresh_token", ""),
                spends=given.token_id if given else None,
                at=self._at,
            )
        except actions.SpentBefore:
            if given is not None:
                self._reused(given)
            raise errors.InvalidGrantError(request=request) from None
        if keeps_on:
            token["refresh_expires_in"] = int(lives.total_seconds())

    def get_id_token(self, token: dict[str, Any], _handler: Any, request: Request) -> str:
        """Who signed in, for the app alone."""
        given = self._given
        if given is None:
            raise errors.InvalidGrantError(request=request)
        now = int(self._at.timestamp())
        claims = {
            "iss": tokens.issuer(),
            "aud": request.client.id,
            "iat": now,
            "exp": now + 300,
            "auth_time": given.facts["auth_time"],
            "amr": ["mfa"],
            **about(given, frozenset(request.scopes)),
        }
        if given.facts.get("nonce"):
            claims["nonce"] = given.facts["nonce"]
        return tokens.sign(claims, type_=tokens.ID_TYPE, at=self._at)

    def introspect_token(self, token: str, _hint: Any, request: Request, *_: Any, **__: Any) -> dict[str, Any] | None:
        """Only to apps of the same company; to others there is no such token (RFC 7662, section 2.2)."""
        asker = self.app(request.client.id)
        found, scopes, kind = self._known(token)
        if found is None or asker is None or asker.merchant_id != found.merchant_id:
            return None
        return {
            "token_type": kind,
            "scope": " ".join(sorted(scopes)),
            "client_id": str(found.app_id),
            "sub": str(found.person_id or found.app_id),
            "iss": tokens.issuer(),
            "aud": tokens.audience(),
            "exp": int(found.expires_at.timestamp()),
        }

    def revoke_token(self, token: str, _hint: Any, request: Request, *_: Any, **__: Any) -> None:
        """An app gives back what is its own: with any token of it, the whole grant (RFC 7009, section 2.1)."""
        found = self._known(token)[0]
        if found is not None and str(found.app_id) == request.client.id:
            self._end(found, reason="revoked")

    def _known(self, token: str) -> tuple[Grant | None, frozenset[str], str]:
        read = tokens.read(token, at=self._at)
        if read is not None:
            return read.grant, read.scopes, "access_token"
        found = grants.find(Held.REFRESH, grants.hash_of(token), at=self._at)
        return (found, found.scopes, "refresh_token") if found and found.is_alive(self._at) else (None, frozenset(), "")


def about(given: Grant, scopes: frozenset[str]) -> dict[str, Any]:
    """What an app hears of the person: their id, and what they let it know besides."""
    told: dict[str, Any] = {"sub": str(given.person_id)}
    if "email" in scopes:
        told |= {"email": given.email, "email_verified": True}
    if "profile" in scopes:
        told |= {"name": given.name, "recoup_role": given.role}
    return told


def _basic(header: str) -> tuple[str, str] | None:
    """RFC 6749, section 2.3.1: both halves are form-encoded."""
    scheme, _, told = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(told, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return ("", "")
    return (unquote_plus(name), unquote_plus(secret)) if colon else ("", "")
