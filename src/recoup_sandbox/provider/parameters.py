"""Form parameters as Stripe's API v1 takes them: `metadata[recoup_payout]=...&expand[0]=charge&created[gte]=...`.

What is wrong here is refused before anything executes, so these refusals are never saved under an idempotency key.
"""

import hashlib
import re
from typing import Any
from urllib.parse import parse_qsl

from recoup_sandbox.provider.errors import ProviderError, parameter_missing, parameter_unknown

METADATA_KEYS_MAX, METADATA_NAME_MAX, METADATA_VALUE_MAX = 50, 40, 500
LIMIT_DEFAULT, LIMIT_MAX = 10, 100
_PLAIN = re.compile(r"[^\[\]]+\Z")
_NAMED = re.compile(r"([^\[\]]+)\[([^\[\]]*)\]\Z")

Parameters = dict[str, Any]


def read(text: str) -> Parameters:
    """Names to strings; `name[x]` to dictionaries; `name[]` and `name[0]` to dictionaries keyed by position."""
    values: Parameters = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if _PLAIN.match(name):
            values[name] = value
            continue
        match = _NAMED.match(name)
        if not match:
            continue  # deeper levels: accepted by the provider in places this copy does not have
        group = values.setdefault(match[1], {})
        if not isinstance(group, dict):
            raise ProviderError(f"Invalid {match[1]}", param=match[1])
        group[match[2] or str(len(group))] = value
    return values


def fingerprint(path: str, text: str) -> bytes:
    """What must be the same when an idempotency key is used again: the path and the parameters in any order."""
    return hashlib.blake2b("\n".join([path, *sorted(text.split("&"))]).encode(), digest_size=16).digest()


def allow_only(values: Parameters, allowed: frozenset[str]) -> None:
    """Raises ProviderError for a parameter the route does not know."""
    for name in values:
        if name not in allowed:
            raise parameter_unknown(name)


def required(values: Parameters, name: str) -> str:
    """A parameter that must be there. Raises ProviderError."""
    value = values.get(name)
    if value is None or value == "":
        raise parameter_missing(name)
    return str(value)


def integer(values: Parameters, name: str) -> int | None:
    """An integer parameter, or None when it was not sent."""
    value = values.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise ProviderError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
    return int(value)


def positive(values: Parameters, name: str) -> int | None:
    """An integer of at least 1, or None when it was not sent."""
    number = integer(values, name)
    if number is not None and number < 1:
        message = "This value must be greater than or equal to 1."
        raise ProviderError(message, code="parameter_invalid_integer", param=name)
    return number


def metadata(values: Parameters) -> dict[str, str]:
    """The caller's own key-value pairs, within the documented limits."""
    pairs = values.get("metadata") or {}
    if not isinstance(pairs, dict):
        raise ProviderError("Invalid hash", code="parameter_invalid_string_blank", param="metadata")
    if len(pairs) > METADATA_KEYS_MAX:
        raise ProviderError(f"Metadata can have up to {METADATA_KEYS_MAX} keys.", param="metadata")
    for name, value in pairs.items():
        if len(name) > METADATA_NAME_MAX or len(value) > METADATA_VALUE_MAX:
            message = "Metadata keys can have up to 40 characters and values up to 500 characters."
            raise ProviderError(message, param=f"metadata[{name}]")
    return dict(pairs)


def one_of(values: Parameters, name: str, choices: tuple[str, ...]) -> str | None:
    """A parameter with fixed choices, or None when it was not sent."""
    value = values.get(name)
    if value is not None and value not in choices:
        raise ProviderError(f"Invalid {name}: must be one of {', '.join(choices)}", param=name)
    return value


def expansions(values: Parameters) -> list[str]:
    """The wanted expansions, without the `data.` that lists write before each."""
    wanted = values.get("expand") or {}
    if not isinstance(wanted, dict):
        raise ProviderError("Invalid array", param="expand")
    return [name.removeprefix("data.") for name in wanted.values()]


def page_size(values: Parameters) -> int:
    """How many objects a page has: 10 unless asked, at most 100."""
    limit = integer(values, "limit")
    if limit is None:
        return LIMIT_DEFAULT
    if not 1 <= limit <= LIMIT_MAX:
        raise ProviderError("This value must be between 1 and 100.", code="parameter_invalid_integer", param="limit")
    return limit
