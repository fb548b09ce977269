"""The line to Recoup: one HTTP request, sent again when that is safe and makes sense."""

from __future__ import annotations

import json
import logging
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    SSLError,
)
from urllib3.exceptions import (
    TimeoutError as Silence,
)

from recoup_client.credentials import Credentials
from recoup_client.errors import BadSettings, NotUnderstood, Problem, Unreachable, problem_of
from recoup_client.retrying import AGAIN, Retrying

log = logging.getLogger("recoup_client")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
ANSWER_BYTES_MAX = 64 * 1024 * 1024
#: The connection was never made, so nothing was asked.
NOT_SENT = (NewConnectionError, ConnectTimeoutError, SSLError, ProxyError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the decoded JSON (None for none), and the headers in small letters."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Line:
    """One Recoup, with kept connections. Threads may share it."""

    def __init__(
        self,
        *,
        base_url: str,
        credentials: Credentials,
        retrying: Retrying,
        connect_s: float,
        answer_s: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base_url = _plain(base_url)
        self.retrying = retrying
        self._credentials = credentials
        self._sleep = sleep
        # Our own retries know about idempotency keys; a redirect would carry the key to somebody else.
        self._pool = urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(connect=connect_s, read=answer_s), maxsize=10, headers={}
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.clear()

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, object] | None = None,
        idempotency_key: str = "",
        is_repeatable: bool = False,
    ) -> Answer:
        """The answer of `/api/v1<path>`. Sent again only where that cannot do anything twice.

        That is so for reading, with an idempotency key, and where the caller knows better (`is_repeatable`). Otherwise
        only what was certainly not heard or not done is sent again. Raises Problem, Unreachable, NotUnderstood.
        """
        request_id = str(uuid4())
        headers = {"Accept": "application/json", "X-Request-Id": request_id, "User-Agent": _user_agent()}
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        content = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        url = f"{self.base_url}/api/v1{path}{_asked(query)}"
        may_repeat = is_repeatable or bool(idempotency_key) or method in ("GET", "HEAD")
        retry, renewed = 0, False
        while True:
            said = {**headers, "Authorization": f"Bearer {self._credentials.token(self.ask)}"}
            outcome = self._once(method, url, content, said, request_id)
            if isinstance(outcome, Answer):
                return outcome
            if _is_stale(outcome) and not renewed and self._credentials.renew():
                renewed = True
                continue
            pause_s = self._pause_s(outcome, retry=retry, may_repeat=may_repeat)
            if pause_s is None:
                raise outcome
            log.info("%s %s: %s; again in %.1f s", method, path, type(outcome).__name__, pause_s)
            self._sleep(pause_s)
            retry += 1

    def ask(self, method: str, url: str, fields: Mapping[str, str] | None, headers: Mapping[str, str]) -> Answer:
        """One request outside of the API, for credentials: a form, or nothing. Raises as `call`."""
        request_id = str(uuid4())
        content = urlencode(fields).encode() if fields is not None else None
        said = {"Accept": "application/json", "X-Request-Id": request_id, "User-Agent": _user_agent(), **headers}
        if content is not None:
            said["Content-Type"] = "application/x-www-form-urlencoded"
        outcome = self._once(method, url, content, said, request_id)
        if isinstance(outcome, Answer):
            return outcome
        raise outcome

    def _once(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str], request_id: str
    ) -> Answer | Problem | Unreachable:
        try:
            answer = self._pool.request(
                method, url, body=content, headers=dict(headers), redirect=False, preload_content=False
            )
            try:
                raw = answer.read(ANSWER_BYTES_MAX, decode_content=True)
            finally:
                answer.release_conn()
        except NOT_SENT as problem:
            return Unreachable(
                f"Recoup could not be reached: {problem}", request_id=request_id, may_have_happened=False
            )
        except (Silence, ProtocolError, HTTPError, OSError) as problem:
            return Unreachable(
                f"The connection broke before the answer was there: {type(problem).__name__}",
                request_id=request_id,
                may_have_happened=True,
            )
        told = {name.lower(): value for name, value in answer.headers.items()}
        return _understood(answer.status, raw, told, request_id)

    def _pause_s(self, outcome: Problem | Unreachable, *, retry: int, may_repeat: bool) -> float | None:
        """Before it is sent again; None when it is not."""
        if isinstance(outcome, Unreachable):
            is_worth_it, retry_after_s = may_repeat or not outcome.may_have_happened, None
        else:
            retry_after_s = outcome.retry_after_s
            is_not_done = outcome.status == 429 or outcome.code == "idempotency_key_in_use"
            is_worth_it = is_not_done or (may_repeat and outcome.status in AGAIN)
        if not is_worth_it:
            return None
        return self.retrying.pause_s(retry=retry, retry_after_s=retry_after_s)


def piece(text: object) -> str:
    """A value as one piece of a path."""
    return quote(str(text), safe="")


def _understood(status: int, raw: bytes, headers: Mapping[str, str], request_id: str) -> Answer | Problem:
    kind = headers.get("content-type", "").partition(";")[0].strip()
    is_json = kind == "application/json" or kind.endswith("+json")
    try:
        body = json.loads(raw) if raw and is_json else None
    except ValueError:
        raise NotUnderstood(f"The answer {status} says that it is JSON, and is not (request {request_id})") from None
    if 200 <= status < 300:
        if raw and not is_json:
            raise NotUnderstood(f"The answer {status} is {kind or 'nothing known'}, not JSON (request {request_id})")
        return Answer(status, body, headers)
    if 300 <= status < 400:
        raise NotUnderstood(f"Recoup does not redirect, and this answer does: {status} (request {request_id})")
    document = body if isinstance(body, dict) else {}
    wait = headers.get("retry-after", "")
    return problem_of(
        status=status,
        document=document,
        request_id=headers.get("x-request-id", request_id),
        retry_after_s=float(wait) if wait.isdecimal() else None,
    )


def _is_stale(outcome: Problem | Unreachable) -> bool:
    return isinstance(outcome, Problem) and outcome.status == 401


def _asked(query: Mapping[str, object] | None) -> str:
    told = {name: value for name, value in (query or {}).items() if value is not None}
    return f"?{urlencode(told)}" if told else ""


def _plain(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise BadSettings(f"{base_url!r} is not the address of a Recoup, like https://recoup.example.com")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise BadSettings("A key does not travel unencrypted: use https, or http on this machine only")
    return base_url.rstrip("/")


def _user_agent() -> str:
    try:
        version = metadata.version("recoup-client")
    except metadata.PackageNotFoundError:
        version = "source"
    return f"recoup-client/{version} python/{platform.python_version()}"
