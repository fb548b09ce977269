"""Apps of companies as attackers meet them: what they ask for, what they are given, and whose browser says yes."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from proofs.attacks.ground import Ground, Tenant

BACK = "https://till.example.com/back"


@dataclass(slots=True)
class AppAtWork:
    """A company's own program that people sign in to (`web`), or that works by itself (`server`)."""

    ground: Ground
    tenant: Tenant
    kind: str = "web"
    scopes: tuple[str, ...] = ("refunds:read",)
    id: str = ""
    secret: str = ""
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def __post_init__(self) -> None:
        back = (BACK,) if self.kind == "web" else ()
        self.id, self.secret = self.tenant.new_app(self.kind, *self.scopes, redirect_uris=back)

    def asks(self, path: str = "/oauth/token", *, url: str | None = None, **fields: str) -> requests.Response:
        """A form to one of the doors for machines, with the app's own proof."""
        told = {"client_id": self.id, "client_secret": self.secret, **fields}
        return self.ground.call("POST", path, url=url, data=told)

    def own_token(self, *, url: str | None = None) -> str:
        """A server's access token, for ten minutes."""
        answer = self.asks(url=url, grant_type="client_credentials", scope=" ".join(self.scopes))
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def let_in_by(self, browser: requests.Session, *, scope: str = "openid refunds:read") -> dict[str, Any]:
        """Whoever sits at that browser says yes; the tokens that the app then has."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": BACK,
            "scope": scope,
            "state": "s-1",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = f"/oauth/authorize?{urlencode(asked)}"
        page = self.ground.call("GET", address, session=browser)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        said = {"answer": "yes", "csrfmiddlewaretoken": token[1] if token else ""}
        answer = self.ground.call("POST", address, session=browser, data=said)
        if answer.status_code != 303:
            raise RuntimeError(f"nobody let the app in: {answer.status_code}")
        (code,) = parse_qs(urlsplit(answer.headers["Location"]).query)["code"]
        given = self.asks(grant_type="authorization_code", code=code, redirect_uri=BACK, code_verifier=self.verifier)
        given.raise_for_status()
        return dict(given.json())

    def refreshes(self, token: str) -> requests.Response:
        return self.asks(grant_type="refresh_token", refresh_token=token)
