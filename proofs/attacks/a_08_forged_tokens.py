"""A-08: a token opens something only when we wrote it, for the API, for now, and have not taken it back.

The forger is given more than any attacker has: for what the claims say, our own private key. So each of these fails for
the one thing that is wrong with it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from proofs.attacks.apps import AppAtWork
from proofs.attacks.ground import Ground
from proofs.attacks.seen import Seen

NAME = "A-08"
TITLE = "Forged, altered, borrowed and old tokens open nothing"

DOOR = "/api/v1/refunds"
#: Clocks may differ by so much (identity/tokens.py).
LEEWAY_S = 30
#: What is longer is not read at all.
HEADER_MAX = 16_000


def run(ground: Ground, seen: Seen) -> None:
    """Every form of the row, then a build that does not look at signatures."""
    app = AppAtWork(ground, ground.one, kind="server")
    honest = app.own_token()
    seen.expect(_status(ground, honest) == 200, "an honest token is refused")
    forger = Forger(ground, honest)
    told = set()
    for words, token in (*_signatures(forger), *_claims(forger), *_shapes(forger)):
        answer = ground.call("GET", DOOR, headers={"Authorization": f"Bearer {token}"})
        if answer.status_code == 431 and len(token) > HEADER_MAX:
            continue
        seen.expect(answer.status_code == 401, f"{words}: {answer.status_code}")
        told.add(answer.json().get("code") if answer.status_code == 401 else words)
    seen.expect(told == {"not_authenticated"}, f"refusals differ: {sorted(map(str, told))}")
    near = forger.ours(exp=int(time.time()) - LEEWAY_S + 10)
    seen.expect(_status(ground, near) == 200, "clocks that differ by some seconds are not forgiven")
    _of_people(ground, seen, forger)
    _told_the_gateway(ground, seen, forger)
    with ground.broken("believes_tokens") as url:
        status = ground.call("GET", DOOR, token=forger.unsigned("none"), url=url).status_code
        seen.control(status == 200, "a web that does not look at signatures")
    _rotated_out(ground, seen, app, honest)


class Forger:
    """Has an honest token, a key of its own, and ours."""

    def __init__(self, ground: Ground, honest: str) -> None:
        from recoup.access import sealing

        self.honest = honest
        self.header, self.claims = (_read(part) for part in honest.split(".")[:2])
        ((sealed, jwk),) = ground.rows(
            "SELECT private_sealed, public_jwk FROM identity_signingkey WHERE kid = %s", self.header["kid"]
        )
        pem = sealing.open_ours(bytes(sealed)).encode()
        self.jwk: dict[str, Any] = jwk
        self._ours = _rsa(serialization.load_pem_private_key(pem, password=None))
        self._own = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def ours(self, *, without: str = "", header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """Signed with our key; some claims are other ones, or one is missing."""
        claims = {name: value for name, value in (self.claims | changes).items() if name != without}
        return self._signed(self.header | dict(header or {}), claims, self._ours)

    def own(self, **header: Any) -> str:
        """Signed with a key of the forger's, whatever the header says of it."""
        return self._signed(self.header | header, self.claims, self._own)

    def own_jwk(self) -> dict[str, str]:
        numbers = self._own.public_key().public_numbers()
        return {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e), "kid": "mine"}

    def unsigned(self, alg: str, signature: str = "") -> str:
        return f"{_part(self.header | {'alg': alg})}.{_part(self.claims)}.{signature}"

    def by_secret(self, secret: bytes, *, alg: str = "HS256", **header: Any) -> str:
        """HMAC, with something that everybody knows as the secret."""
        text = f"{_part(self.header | {'alg': alg} | header)}.{_part(self.claims)}"
        kind = {"HS256": hashlib.sha256, "HS512": hashlib.sha512}[alg]
        return f"{text}.{_told(hmac.new(secret, text.encode(), kind).digest())}"

    def public_pems(self) -> Iterator[bytes]:
        """Our public key in the forms in which libraries may take it for a secret."""
        public = self._ours.public_key()
        for form in (serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.PKCS1):
            pem = public.public_bytes(serialization.Encoding.PEM, form)
            yield from (pem, pem.strip(), public.public_bytes(serialization.Encoding.DER, form))
        yield json.dumps(self.jwk).encode()

    def _signed(self, header: Mapping[str, Any], claims: Mapping[str, Any], key: rsa.RSAPrivateKey) -> str:
        text = f"{_part(header)}.{_part(claims)}"
        return f"{text}.{_told(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _signatures(forger: Forger) -> Iterator[tuple[str, str]]:
    """Nobody signed, or somebody else."""
    for alg in ("none", "None", "NONE", "nOnE", ""):
        yield f"alg {alg!r}", forger.unsigned(alg)
        yield f"alg {alg!r} with our signature", forger.unsigned(alg, forger.honest.rsplit(".", 1)[1])
    for place, secret in enumerate(forger.public_pems()):
        yield f"HS256 with our public key, form {place}", forger.by_secret(secret)
    yield "HS512 with our public key", forger.by_secret(next(forger.public_pems()), alg="HS512")
    yield "the forger's key under our key's name", forger.own()
    for kid in ("../../../../dev/null", "/dev/null", "' UNION SELECT 'x' --", "x' OR '1'='1", "", "\0", "a" * 2000):
        yield f"kid {kid[:30]!r}", forger.own(kid=kid)
        yield f"kid {kid[:30]!r} and an empty secret", forger.by_secret(b"", kid=kid)
    for name in (None, 7, ["x"], {"x": 1}, "\0" * 43, "\u0661" * 43):
        yield f"kid {name!r}"[:40], forger.own(kid=name)
    yield "no kid", forger.ours(header={"kid": None})
    jwk = forger.own_jwk()
    yield "an embedded jwk", forger.own(jwk=jwk, kid="mine")
    yield "an embedded jwk under our key's name", forger.own(jwk=jwk)
    for name in ("jku", "x5u"):
        yield f"{name} elsewhere", forger.own(**{name: "http://127.0.0.1:9/keys.json", "kid": "mine"})
        yield f"{name} beside a good signature", forger.ours(header={name: "http://127.0.0.1:9/keys.json"})
    yield "x5c", forger.own(x5c=["MIIB"])
    yield "crit", forger.ours(header={"crit": ["exp"]})
    yield "another algorithm's name over our signature", forger.ours(header={"alg": "RS512"})
    head, body, signature = forger.honest.split(".")
    yield "a claim changed after signing", f"{head}.{_part(forger.claims | {'scope': 'keys:write'})}.{signature}"
    yield "half a signature", f"{head}.{body}.{signature[: len(signature) // 2]}"


def _claims(forger: Forger) -> Iterator[tuple[str, str]]:
    """Signed with our own key, and yet not what we would write."""
    now = int(time.time())
    for name in ("iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope"):
        yield f"no {name}", forger.ours(without=name)
    wrong: dict[str, Any] = {
        "iss": "https://evil.example",
        "aud": "https://evil.example",
        "sub": "00000000-0000-7000-8000-000000000000",
        "client_id": "00000000-0000-7000-8000-000000000000",
        "jti": "never-given",
        "exp": now - LEEWAY_S - 5,
        "nbf": now + LEEWAY_S + 300,
        "iat": now + LEEWAY_S + 300,
        "scope": 7,
    }
    for name, value in wrong.items():
        yield f"{name} is {str(value)[:30]}", forger.ours(**{name: value})
    yield "aud among others", forger.ours(aud=[forger.claims["aud"], "https://evil.example"])
    yield "exp in words", forger.ours(exp="tomorrow")
    yield "iss with a slash more", forger.ours(iss=forger.claims["iss"] + "/")
    for kind in ("JWT", "id+jwt", "application/at+jwt;x", "", None, 7):
        yield f"typ {kind!r}", forger.ours(header={"typ": kind})


def _shapes(forger: Forger) -> Iterator[tuple[str, str]]:
    """What is no token of ours by its form alone."""
    head, body, signature = forger.honest.split(".")
    yield "two signatures", f"{forger.honest}.{signature}"
    yield (
        "as JSON with two signatures",
        json.dumps({"payload": body, "signatures": [{"protected": head, "signature": signature}] * 2}),
    )
    yield "five parts, as if encrypted", f"{head}.{body}.{signature}.{body}.{signature}"
    yield "a huge payload", forger.ours(pad="x" * 40_000)
    yield "padded base64", f"{head}=.{body}=.{signature}="
    yield "other characters", f"{head}.{body}.{signature[:-1]}\u00e9".encode().decode("latin-1")
    yield "only dots", ".."
    yield "deep JSON", f"{_told(b'[' * 2000 + b']' * 2000)}.{body}.{signature}"


def _of_people(ground: Ground, seen: Seen, forger: Forger) -> None:
    """What says who somebody is opens nothing, and what opens says nothing of who somebody is."""
    browser = ground.sign_in(ground.one.hire("reviewer"))
    given = AppAtWork(ground, ground.one).let_in_by(browser)
    seen.expect(_status(ground, given["access_token"]) == 200, "a person's token is refused")
    seen.expect(_status(ground, given["id_token"]) == 401, "an ID token opens the API")
    seen.expect(_status(ground, given["refresh_token"]) == 401, "a refresh token opens the API")
    for words, token in (("an ID token", given["id_token"]), ("an unsigned one", forger.unsigned("none"))):
        status = ground.call("GET", "/oauth/userinfo", token=token).status_code
        seen.expect(status == 401, f"userinfo for {words}: {status}")


def _told_the_gateway(ground: Ground, seen: Seen, forger: Forger) -> None:
    """The gateway that asks us is told the same."""
    asked = {"type": "TOKEN", "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:abcdef/prod/GET/api/v1/refunds"}
    key = ground.one.key("gateway:authorize")
    for words, token in (("unsigned", forger.unsigned("none")), ("a public key", forger.by_secret(b"x"))):
        body = {**asked, "authorizationToken": f"Bearer {token}"}
        answer = ground.call("POST", "/api/v1/authorizer", key=key, json=body)
        is_let_in = answer.status_code == 200 and '"Allow"' in answer.text
        seen.expect(not is_let_in, f"the gateway is told to let in: {words}")


def _rotated_out(ground: Ground, seen: Seen, app: AppAtWork, honest: str) -> None:
    """Somebody has seen the key: what it signed is worth nothing from that moment; new tokens are."""
    from recoup.identity import actions
    from recoup.kernel import clock

    actions.rotate_signing_key(at=clock.now(), at_once=True)
    seen.expect(_status(ground, honest) == 401, "a key that was taken out is still believed")
    seen.expect(_status(ground, app.own_token()) == 200, "the new key's tokens are refused")


def _status(ground: Ground, token: str) -> int:
    return ground.call("GET", DOOR, token=token).status_code


def _part(told: Mapping[str, Any]) -> str:
    return _told(json.dumps(told, separators=(",", ":")).encode())


def _read(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def _told(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _number(value: int) -> str:
    return _told(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _rsa(key: object) -> rsa.RSAPrivateKey:
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("our tokens are signed with RSA")
    return key
