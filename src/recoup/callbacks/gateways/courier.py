"""Carrying one message to a company's server, without being led elsewhere.

The address is read and looked up again at every sending; the connection goes to the one address that was looked at,
while TLS and the header Host keep the name. No redirects, no proxies, no cookies; the answer is read up to a kilobyte,
and once connected the conversation has ten seconds, however slowly the other side speaks.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

from urllib3.exceptions import HTTPError
from urllib3.util.ssl_match_hostname import CertificateError

from recoup.access import pinned
from recoup.callbacks.gateways import naming
from recoup.callbacks.gateways.naming import NameSilent
from recoup.callbacks.targets import Target, UrlRefused

CONNECT_S_MAX = 4.0
WHOLE_S_MAX = 10.0
ANSWER_BYTES_MAX = 1024
USER_AGENT = "Recoup-Webhooks/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of it. `status` is None when there was no answer, and then `problem` says why in words."""

    status: int | None
    took_ms: int
    answer: str = ""
    problem: str = ""
    retry_after: str = ""

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def carry(*, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """The message was offered to the server once. Never raises for what the server or the network does."""
    began = time.monotonic()

    def took() -> int:
        return int((time.monotonic() - began) * 1000)

    try:
        target = naming.target_of(url)
        address = naming.address_of(target)
    except UrlRefused as refusal:
        return Answer(status=None, took_ms=took(), problem=f"refused: {refusal.detail}")
    except NameSilent as problem:
        return Answer(status=None, took_ms=took(), problem=str(problem))
    try:
        status, text, patience = _converse(target, address, body, headers)
    except (HTTPError, OSError, ValueError) as problem:
        words = "no whole answer in time" if took() >= WHOLE_S_MAX * 1000 else _words(problem)
        return Answer(status=None, took_ms=took(), problem=words)
    turned = "a redirect, which is not followed" if 300 <= status < 400 else ""
    return Answer(status=status, took_ms=took(), answer=text, problem=turned, retry_after=patience)


def _converse(target: Target, address: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str, str]:
    line = pinned.line_to(target.scheme, address, target.port, name=target.host, timeout_s=CONNECT_S_MAX)
    try:
        line.connect()
        with pinned.not_longer_than(WHOLE_S_MAX, line):
            line.request(
                "POST",
                target.path,
                body=body,
                headers={
                    "Host": target.authority,
                    "User-Agent": USER_AGENT,
                    "Content-Type": "application/json",
                    "Accept-Encoding": "identity",
                    "Connection": "close",
                    **headers,
                },
                preload_content=False,
                decode_content=False,
            )
            response = line.getresponse()
            told = response.read(ANSWER_BYTES_MAX, decode_content=False)
            return response.status, _as_text(told), response.headers.get("Retry-After", "")
    finally:
        line.close()


def _as_text(told: bytes) -> str:
    return told.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _words(problem: Exception) -> str:
    """Which kind of trouble, without addresses of anybody's network."""
    reason = problem.__cause__ or problem
    if isinstance(problem, CertificateError):
        return "the certificate is for another name"
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"the certificate is not good: {reason.verify_message}"
    if isinstance(reason, ssl.SSLError):
        return "the server does not speak TLS as it must"
    if isinstance(reason, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    return f"no whole answer ({type(problem).__name__})"
