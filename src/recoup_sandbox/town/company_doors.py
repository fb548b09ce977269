"""A company's identity provider: it knows the town's people and says who they are, by OpenID Connect and by SAML 2.0.

It asks for no password: whoever stands before it says who they are. Everything else is as the standards have it: codes
that work once, PKCE, signed tokens, signed assertions.
"""

import base64
import hashlib
import secrets
import sqlite3
import time
import zlib
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qs, urlencode
from xml.etree.ElementTree import fromstring

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from recoup_sandbox.http_messages import BadRequest, Request, Response, json_response
from recoup_sandbox.http_server import Routes
from recoup_sandbox.loopback_only import refuse_strangers
from recoup_sandbox.town import inbox, inbox_pages, saml_answers

CODE_LIVES_S = 60
#: What `/_practice/door-faults` may ask of the next answer.
FORGERIES = frozenset(
    """
    unsigned other_key wrong_audience expired foreign_address wrong_destination no_question wrapped comment
    wrong_issuer
    """.split()
)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a code will be exchanged for."""

    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str
    email: str
    expires_at: float


class CompanyDoors:
    """Answers `/door/...`. Every company of the town shares it; an address says which company somebody belongs to."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._key, self._other_key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
        self._certificate = saml_answers.certificate_of(self._key)
        self._codes: dict[str, _Told] = {}
        self._tokens: dict[str, str] = {}
        self._forgeries: list[str] = []

    def register(self, routes: Routes) -> None:
        routes.add("GET", "/door/.well-known/openid-configuration", self._configuration)
        routes.add("GET", "/door/jwks", self._keys)
        routes.add("GET", "/door/authorize", self._ask_who)
        routes.add("POST", "/door/authorize", self._say_who)
        routes.add("POST", "/door/token", self._token)
        routes.add("GET", "/door/userinfo", self._userinfo)
        routes.add("GET", "/door/saml/metadata", self._metadata)
        routes.add("GET", "/door/saml", self._ask_who_saml)
        routes.add("POST", "/door/saml", self._say_who_saml)
        routes.add("POST", "/_practice/door-faults", self._forge_next)

    async def _configuration(self, request: Request) -> Response:
        here = _here(request)
        return json_response(
            {
                "issuer": here,
                "authorization_endpoint": f"{here}/authorize",
                "token_endpoint": f"{here}/token",
                "userinfo_endpoint": f"{here}/userinfo",
                "jwks_uri": f"{here}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def _keys(self, _request: Request) -> Response:
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return json_response({"keys": [{**public, "kid": "door-1", "use": "sig", "alg": "RS256"}]})

    async def _ask_who(self, request: Request) -> Response:
        return self._who_page("/door/authorize", request.query_values())

    async def _say_who(self, request: Request) -> Response:
        told = _form(request)
        code = secrets.token_urlsafe(24)
        email = "stranger@elsewhere.example" if self._forges("foreign_address") else told.get("who", "")
        self._codes[code] = _Told(
            told.get("client_id", ""),
            told.get("redirect_uri", ""),
            told.get("code_challenge", ""),
            told.get("nonce", ""),
            email,
            time.time() + CODE_LIVES_S,
        )
        back = urlencode({"code": code, "state": told.get("state", "")})
        return Response(303, b"", headers=(("Location", f"{told.get('redirect_uri', '')}?{back}"),))

    async def _token(self, request: Request) -> Response:
        told = _form(request)
        kept = self._codes.pop(told.get("code", ""), None)
        challenge = hashlib.sha256(told.get("code_verifier", "").encode()).digest()
        is_proved = kept and base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() == kept.challenge
        if kept is None or not is_proved or kept.expires_at < time.time():
            return json_response({"error": "invalid_grant"}, status=400)
        token, now = secrets.token_urlsafe(24), int(time.time())
        self._tokens[token] = kept.email
        claims = {
            "iss": "https://impostor.example" if self._forges("wrong_issuer") else _here(request),
            "aud": "somebody-else" if self._forges("wrong_audience") else kept.client_id,
            "iat": now,
            "exp": now - 600 if self._forges("expired") else now + 300,
            "nonce": kept.nonce,
            **self._person(kept.email),
        }
        signed = jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": "door-1"})
        return json_response({"access_token": token, "token_type": "Bearer", "expires_in": 300, "id_token": signed})

    async def _userinfo(self, request: Request) -> Response:
        email = self._tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        return json_response(self._person(email)) if email else json_response({"error": "invalid_token"}, status=401)

    async def _metadata(self, request: Request) -> Response:
        here = f"{_here(request)}/saml"
        return Response(200, saml_answers.metadata(here, self._certificate).encode(), content_type="text/xml")

    async def _ask_who_saml(self, request: Request) -> Response:
        return self._who_page("/door/saml", request.query_values())

    async def _say_who_saml(self, request: Request) -> Response:
        told = _form(request)
        asked = fromstring(zlib.decompress(base64.b64decode(told.get("SAMLRequest", "")), -15))  # noqa: S314 - practice
        forgery = self._forgeries.pop(0) if self._forgeries else ""
        answer = saml_answers.answer(
            issuer=f"{_here(request)}/saml",
            question=asked.attrib["ID"],
            destination=asked.attrib["AssertionConsumerServiceURL"],
            audience=asked.findtext("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer", ""),
            person=self._person(told.get("who", "")),
            key=self._other_key if forgery == "other_key" else self._key,
            certificate=self._certificate,
            forgery=forgery,
        )
        fields = {"SAMLResponse": base64.b64encode(answer).decode(), "RelayState": told.get("RelayState", "")}
        page = inbox_pages.door_back_page(asked.attrib["AssertionConsumerServiceURL"], fields)
        return inbox.page(page, policy="default-src 'none'; style-src 'unsafe-inline'")

    async def _forge_next(self, request: Request) -> Response:
        """`{"forgery": name}`: the next answer is wrong in that way, once."""
        name = request.json().get("forgery")
        if name not in FORGERIES:
            raise BadRequest(f"a forgery is one of {', '.join(sorted(FORGERIES))}")
        stranger = refuse_strangers(request)
        if stranger:
            return stranger
        self._forgeries.append(name)
        return json_response({"forgery": name})

    def _forges(self, name: str) -> bool:
        if self._forgeries and self._forgeries[0] == name:
            self._forgeries.pop(0)
            return True
        return False

    def _who_page(self, action: str, hidden: dict[str, str]) -> Response:
        people = self._database.execute("SELECT email, name FROM phones ORDER BY email").fetchall()
        page = inbox_pages.door_page(action, hidden, [dict(row) for row in people])
        return inbox.page(page, policy="default-src 'none'; style-src 'unsafe-inline'")

    def _person(self, email: str) -> dict[str, str | bool | list[str]]:
        row = self._database.execute("SELECT name FROM phones WHERE email = ?", (email,)).fetchone()
        role = email.partition("@")[0]
        return {
            "sub": hashlib.sha256(email.encode()).hexdigest()[:24],
            "email": email,
            "email_verified": True,
            "name": row["name"] if row else escape(role),
            "groups": [f"recoup-{role}"],
        }


def _here(request: Request) -> str:
    return f"http://{request.headers.get('host', '127.0.0.1')}/door"


def _form(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.body.decode(), keep_blank_values=True).items()}
