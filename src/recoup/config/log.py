"""What the programs of the product write to their log: one JSON object a line, without secrets and without people.

Every line passes `redact`, whether it comes from structlog, from Django or from a library. Ids, codes, amounts and
case numbers stay; addresses, tokens and keys are replaced by what they were.
"""

from __future__ import annotations

import logging
import logging.config
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import structlog

HIDDEN = "[hidden]"

#: A value under such a name is never written, whatever it looks like.
_SECRET_NAMES = re.compile(
    r"(^|_)(e?mail|address|to_address|phone|name|shopper_name|password|secret|token|ticket|code|otp|cookie|session|"
    r"authorization|api_key|idempotency_key|private_key|key|body|words|query|query_string|dsn|database_url)$"
)
#: Names that end like a secret and are none: the words of programmers.
_OPEN_NAMES = frozenset({"failure_code", "reason_code", "status_code", "exit_code", "error_code", "logger_name"})

_SECRETS_IN_TEXT: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"), "[e-mail]"),
    (re.compile(r"\b(?:sk|rk|pk|whsec|rck)_[A-Za-z0-9_-]{6,}"), "[key]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"), r"\1 [token]"),
    (re.compile(r"(?i)\b(ticket|token|code|password|secret)=[^\s&\"']+"), r"\1=[hidden]"),
    (re.compile(r"(?<=://)[^\s/@:]+:[^\s/@]+(?=@)"), "[sign-in]"),
    (re.compile(r"(?<![\w-])(?:\d[ -]?){12,18}\d(?![\w-])"), "[long number]"),
    (re.compile(r"(?<![\w-])\+\d[\d ()-]{6,16}\d"), "[phone]"),
)


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: nothing that belongs to a person or opens a door is left in the line."""
    return {name: _shown(name, value) for name, value in event.items()}


def hidden_in(text: str) -> str:
    """The text with everything replaced that looks like an address, a key or a card number."""
    for pattern, instead in _SECRETS_IN_TEXT:
        text = pattern.sub(instead, text)
    return text


def set_up(program: str, *, level: str = "INFO") -> None:
    """From now on every line of this process is one JSON object on standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
        _naming(program),
        redact,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *shared],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            redact,
            structlog.processors.JSONRenderer(sort_keys=False, default=str),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for chatty in ("django.server", "asyncio", "urllib3", "stripe", "django.template"):
        logging.getLogger(chatty).setLevel("WARNING")
    # Granian answers for itself; its access log would hold addresses with what people typed into them.
    logging.getLogger("granian.access").setLevel("CRITICAL")
    logging.captureWarnings(True)


def _naming(program: str) -> Any:
    def name(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("program", program)
        return event

    return name


def _shown(name: str, value: Any) -> Any:
    if name in {"program", "logger", "level", "at"} or isinstance(value, bool | int | float | None):
        return value
    if name not in _OPEN_NAMES and _SECRET_NAMES.search(name.lower()):
        return HIDDEN
    if isinstance(value, str):
        return hidden_in(value)
    if isinstance(value, Mapping):
        return {inner: _shown(str(inner), told) for inner, told in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_shown("", told) for told in value]
    if isinstance(value, bytes | bytearray):
        return f"[{len(value)} bytes]"
    return hidden_in(str(value)) if not name.startswith("_") else value
