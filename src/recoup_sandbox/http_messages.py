"""HTTP requests and responses as the practice programs see them, and how their bytes are read and written."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson

HEAD_BYTES_MAX = 64 * 1024
BODY_BYTES_MAX = 256 * 1024 * 1024
REASONS = {status.value: status.phrase for status in HTTPStatus}


class BadRequest(Exception):
    """The bytes on the wire are not an HTTP/1.1 request that this server reads."""


class DropConnection(Exception):
    """The handler wants the caller to lose its connection without an answer."""


@dataclass(slots=True)
class Request:
    """One request. Header names are lower case; `path` is decoded, `query` is not."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    parts: dict[str, str] = field(default_factory=dict)

    def query_values(self) -> dict[str, str]:
        """The query string as a dictionary; of a repeated name the last value counts."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def json(self) -> Any:
        """The body as JSON; an empty body is an empty object. Raises BadRequest."""
        if not self.body:
            return {}
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise BadRequest(f"the body is not JSON: {error}") from None


@dataclass(slots=True)
class Response:
    """One answer. `cut_after_bytes` ends the connection in the middle of it."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    cut_after_bytes: int | None = None

    def wire(self, *, close: bool, head_only: bool = False) -> bytes:
        """The bytes to send."""
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Unknown')}"]
        if self.status != 304:
            lines.append(f"Content-Type: {self.content_type}")
        lines.append(f"Content-Length: {len(self.body)}")
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines.append("Connection: close\r\n\r\n" if close else "Connection: keep-alive\r\n\r\n")
        head = "\r\n".join(lines).encode("latin-1", "replace")
        return head if head_only or self.status == 304 else head + self.body


def json_response(value: Any, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """A JSON answer, indented as a person with curl would like it."""
    return Response(status, orjson.dumps(value, option=orjson.OPT_INDENT_2), headers=headers)


def take_request(buffer: bytearray) -> Request | int | None:
    """Cut one whole request off the front of `buffer`.

    None: more bytes are needed. 100: they are, and the caller waits for leave to send them. Raises BadRequest.
    """
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        if len(buffer) > HEAD_BYTES_MAX:
            raise BadRequest("the head is too long")
        return None
    head = buffer[:end].decode("latin-1").split("\r\n")
    headers = _headers(head[1:])
    start = end + 4
    if "transfer-encoding" in headers:
        raise BadRequest("send a Content-Length; chunked bodies are not read here")
    try:
        length = int(headers.get("content-length") or 0)
    except ValueError:
        raise BadRequest("Content-Length is not a number") from None
    if not 0 <= length <= BODY_BYTES_MAX:
        raise BadRequest("the body is too long")
    if len(buffer) < start + length:
        waits = headers.get("expect", "").lower() == "100-continue" and len(buffer) == start
        return 100 if waits else None
    try:
        method, target, _version = head[0].split(" ")
    except ValueError:
        raise BadRequest("the request line has not three parts") from None
    body = bytes(buffer[start : start + length])
    del buffer[: start + length]
    path, _, query = target.partition("?")
    return Request(method, unquote(path) if "%" in path else path, query, headers, body)


def _headers(lines: list[str]) -> dict[str, str]:
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequest("a header without a colon")
        headers[name.strip().lower()] = value.strip()
    return headers
