"""A device that keeps a passkey, as a program: what a browser and its authenticator do together (WebAuthn level 2).

`is_verified=False`: whoever holds the device was not checked, which an honest device says in its answer.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

from proofs.attacks.ground import Ground

_PRESENT, _VERIFIED, _ATTESTED = 1, 4, 64


class Passkey:
    """One passkey of one person."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = secrets.token_bytes(16)
        self._person = b""

    def is_added(self, ground: Ground, session: requests.Session, *, url: str | None = None) -> requests.Response:
        """The page where a passkey is added, used as a browser would; the person has proved themselves just now."""
        page = ground.call("GET", "/account/2fa/webauthn/add/", session=session, url=url).text
        found = re.search(r'<script id="js_data" type="application/json">(.*?)</script>', page, re.DOTALL)
        if found is None:
            raise RuntimeError("the page offers no passkey")
        asked = json.loads(html.unescape(found[1]))["creation_options"]["publicKey"]
        self._person = _bytes(asked["user"]["id"])
        told = self._data("webauthn.create", asked["challenge"], url or ground.url)
        where = hashlib.sha256(asked["rp"]["id"].encode()).digest()
        public = cbor.encode(dict(ES256.from_cryptography_key(self._key.public_key())))
        flags = _PRESENT | _VERIFIED | _ATTESTED
        made = where + bytes([flags]) + bytes(4) + bytes(16) + len(self._id).to_bytes(2, "big") + self._id + public
        answer = {
            "clientDataJSON": _text(told),
            "attestationObject": _text(cbor.encode({"fmt": "none", "attStmt": {}, "authData": made})),
        }
        fields = {"name": "Device", "passwordless": "on", "credential": json.dumps(self._credential(answer))}
        return ground.post_form(session, "/account/2fa/webauthn/add/", url=url, **fields)

    def signs_in(
        self, ground: Ground, session: requests.Session, *, url: str | None = None, is_verified: bool = True
    ) -> requests.Response:
        """The sign-in page's button."""
        told = ground.call(
            "GET", "/account/2fa/webauthn/login/", session=session, url=url, headers={"Accept": "application/json"}
        ).json()
        asked = told["request_options"]["publicKey"]
        client = self._data("webauthn.get", asked["challenge"], url or ground.url)
        flags = _PRESENT | (_VERIFIED if is_verified else 0)
        where = hashlib.sha256(asked["rpId"].encode()).digest() + bytes([flags]) + bytes(4)
        signed = self._key.sign(where + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        answer = {
            "clientDataJSON": _text(client),
            "authenticatorData": _text(where),
            "signature": _text(signed),
            "userHandle": _text(self._person),
        }
        return ground.post_form(
            session, "/account/2fa/webauthn/login/", url=url, credential=json.dumps(self._credential(answer))
        )

    def _credential(self, answer: dict[str, str]) -> dict[str, Any]:
        name = _text(self._id)
        return {"id": name, "rawId": name, "type": "public-key", "response": answer, "clientExtensionResults": {}}

    @staticmethod
    def _data(kind: str, challenge: str, url: str) -> bytes:
        parts = urlsplit(url)
        told = {"type": kind, "challenge": challenge, "origin": f"{parts.scheme}://{parts.netloc}"}
        return json.dumps(told).encode()


def _text(told: bytes) -> str:
    return urlsafe_b64encode(told).rstrip(b"=").decode()


def _bytes(told: str) -> bytes:
    return urlsafe_b64decode(told + "=" * (-len(told) % 4))
