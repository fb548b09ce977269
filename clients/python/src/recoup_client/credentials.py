"""Who the client is: an API key, or an OAuth client that fetches tokens for itself (RFC 6749, section 4.4)."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from recoup_client.errors import NotUnderstood

#: A token is replaced that long before its end, so that none ends on its way.
EARLY_S = 30.0
Ask = Callable[[str, str, Mapping[str, str] | None, Mapping[str, str]], Any]


class Credentials(Protocol):
    """What stands behind `Authorization: Bearer`."""

    def token(self, ask: Ask) -> str:
        """The token to send now."""

    def renew(self) -> bool:
        """The token was refused: forget it. True when another one can be had."""


class ApiKey:
    """The secret of an API key."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def token(self, ask: Ask) -> str:
        """Always the same."""
        return self._secret

    def renew(self) -> bool:
        """There is no other."""
        return False


class ClientCredentials:
    """An OAuth client of a company. Finds the token's address by OpenID Connect discovery, and fetches when needed."""

    def __init__(
        self,
        *,
        base_url: str,
        client_id: str,
        client_secret: str,
        scopes: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._client_id, self._client_secret, self._scopes = client_id, client_secret, tuple(scopes)
        self._clock = clock
        self._lock = threading.Lock()
        self._token, self._good_until, self._address = "", 0.0, ""

    def token(self, ask: Ask) -> str:
        """One that is good for a while. Raises Problem, Unreachable, NotUnderstood."""
        with self._lock:
            if not self._token or self._clock() >= self._good_until:
                self._fetch(ask)
            return self._token

    def renew(self) -> bool:
        """The next request fetches another one."""
        with self._lock:
            self._token = ""
        return True

    def _fetch(self, ask: Ask) -> None:
        began = self._clock()
        self._address = self._address or self._discovered(ask)
        # Section 2.3.1: both are form-encoded before they are joined.
        pair = f"{quote(self._client_id, safe='')}:{quote(self._client_secret, safe='')}".encode()
        fields = {"grant_type": "client_credentials"}
        if self._scopes:
            fields["scope"] = " ".join(self._scopes)
        told = ask("POST", self._address, fields, {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}).body
        if not isinstance(told, dict) or not isinstance(told.get("access_token"), str):
            raise NotUnderstood("The token endpoint answered without an access_token")
        if str(told.get("token_type", "")).lower() != "bearer":
            raise NotUnderstood("The token endpoint gave a token that is no bearer token")
        lives_s = float(told.get("expires_in", 0) or 0)
        self._token, self._good_until = told["access_token"], began + max(0.0, lives_s - EARLY_S)

    def _discovered(self, ask: Ask) -> str:
        told = ask("GET", f"{self._base_url}/.well-known/openid-configuration", None, {}).body
        address = told.get("token_endpoint") if isinstance(told, dict) else None
        if not isinstance(address, str):
            raise NotUnderstood("This Recoup does not say where tokens are given")
        # The client's secret goes to Recoup, and nowhere else.
        if urlsplit(address)[:2] != urlsplit(self._base_url)[:2]:
            raise NotUnderstood(f"The token endpoint {address} is not at {self._base_url}")
        return address
