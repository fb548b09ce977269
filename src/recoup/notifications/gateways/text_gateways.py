"""The gateways that carry texts: Twilio's, or any that takes an HTTP POST. Which one is the operator's setting.

The address comes from the environment and never from anybody's data; what is sent goes into the body only. No
redirects, no proxies, no credentials of this machine; in production https to a public address, looked up once and
connected to as it was looked up. An answer is read up to 16 KB, the whole takes ten seconds at most.
"""

from __future__ import annotations

import base64
import ipaddress
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
from django.conf import settings
from django.db import connection
from urllib3.exceptions import HTTPError

from recoup.access import pinned, sealing

CONNECT_S_MAX = 4.0
WHOLE_S_MAX = 10.0
ANSWER_BYTES_MAX = 16 * 1024
#: Twilio's answers that no waiting changes: not a mobile number, opted out, a country that the account does not serve
#: (https://www.twilio.com/docs/api/errors).
TWILIO_FINAL = frozenset({21211, 21408, 21610, 21612, 21614, 30003, 30005, 30006})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Empty `problem`: the gateway took it. `is_final`: it never will. `is_away`: it was not this text's fault."""

    problem: str = ""
    is_final: bool = False
    is_away: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Post:
    url: str
    headers: dict[str, str]
    body: bytes


def send(*, to: str, words: str, ref: str) -> Outcome:
    """The text was offered to the gateway once. `ref` is the same for every try, so a repetition can be recognised."""
    assert not connection.in_atomic_block, "nobody waits for a gateway with a transaction open"  # noqa: S101
    if not settings.SMS_GATEWAY:
        return Outcome(problem="no gateway is set up", is_away=True)
    is_twilio = settings.SMS_GATEWAY == "twilio"
    try:
        post = _to_twilio(to, words) if is_twilio else _to_gateway(to, words, ref)
        status, answer = _converse(post)
    except (HTTPError, OSError, ValueError) as problem:
        return Outcome(problem=f"gateway away ({type(problem.__cause__ or problem).__name__})", is_away=True)
    return _read(status, _twilio_code(answer) if is_twilio else 0)


def _to_twilio(to: str, words: str) -> _Post:
    """https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource."""
    sender = settings.TWILIO_FROM
    fields = {"To": to, "Body": words, ("MessagingServiceSid" if sender.startswith("MG") else "From"): sender}
    token = sealing.of_setting(settings.TWILIO_AUTH_TOKEN)
    proof = base64.b64encode(f"{settings.TWILIO_ACCOUNT_SID}:{token}".encode()).decode()
    return _Post(
        url=f"{settings.TWILIO_URL}/2010-04-01/Accounts/{settings.TWILIO_ACCOUNT_SID}/Messages.json",
        headers={"Authorization": f"Basic {proof}", "Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode(fields).encode(),
    )


def _to_gateway(to: str, words: str, ref: str) -> _Post:
    """The template's `{to}`, `{text}` and `{ref}` are put in value by value, so nothing in them can end a value."""
    told = {"{to}": to, "{text}": words, "{ref}": ref}
    body = _filled(orjson.loads(settings.SMS_BODY), told)
    headers = {str(name): str(value) for name, value in orjson.loads(sealing.of_setting(settings.SMS_HEADERS)).items()}
    if settings.SMS_BODY_TYPE == "form":
        return _Post(
            url=settings.SMS_URL,
            headers={"Content-Type": "application/x-www-form-urlencoded", **headers},
            body=urlencode(body).encode(),
        )
    return _Post(url=settings.SMS_URL, headers={"Content-Type": "application/json", **headers}, body=orjson.dumps(body))


def _filled(part: Any, told: dict[str, str]) -> Any:
    if isinstance(part, dict):
        return {name: _filled(value, told) for name, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, told) for value in part]
    return told.get(part, part) if isinstance(part, str) else part


def _read(status: int, twilio_code: int) -> Outcome:
    """What an answer means. Only numbers are kept: gateways repeat phone numbers in their words."""
    if 200 <= status < 300:
        return Outcome()
    problem = f"gateway answered {status}" + (f", error {twilio_code}" if twilio_code else "")
    if status in (401, 403, 404, 408, 425, 429) or status >= 500 or 300 <= status < 400:
        return Outcome(problem=problem, is_away=True, is_final=twilio_code in TWILIO_FINAL)
    return Outcome(problem=problem, is_final=twilio_code in TWILIO_FINAL or not twilio_code)


def _twilio_code(answer: bytes) -> int:
    try:
        code = orjson.loads(answer).get("code")
    except (orjson.JSONDecodeError, AttributeError):
        return 0
    return code if isinstance(code, int) else 0


def _converse(post: _Post) -> tuple[int, bytes]:
    parts = urlsplit(post.url)
    host, is_https = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_https else 80)
    address = _address_of(host, port, is_https=is_https)
    line = pinned.line_to(parts.scheme, address, port, name=host, timeout_s=CONNECT_S_MAX)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        line.connect()
        with pinned.not_longer_than(WHOLE_S_MAX, line):
            headers = {"Host": parts.netloc, "User-Agent": "Recoup/1", "Connection": "close", **post.headers}
            line.request("POST", path, body=post.body, headers=headers, preload_content=False, decode_content=False)
            response = line.getresponse()
            return response.status, response.read(ANSWER_BYTES_MAX, decode_content=False)
    finally:
        line.close()


def _address_of(host: str, port: int, *, is_https: bool) -> str:
    found = [str(row[4][0]).partition("%")[0] for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if settings.MODE == "production" and not settings.SMS_INSIDE:
        if not is_https:
            raise ValueError("the gateway is not asked without TLS")
        if not all(ipaddress.ip_address(address).is_global for address in found):
            raise ValueError("the gateway stands inside a network")
    return found[0]
