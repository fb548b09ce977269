"""The provider's refusals, in the published shape of its error object."""

from typing import Any

import orjson

DOCS = "https://docs.stripe.com/error-codes#"


class ProviderError(Exception):
    """An answer that is not 2xx.

    `is_saved` says whether the answer stays with the idempotency key: only what began to execute does.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        error_type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        is_saved: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.is_saved = is_saved
        error = {"code": code, "doc_url": f"{DOCS}{code.replace('_', '-')}" if code else None, "message": message}
        error |= {"param": param, "type": error_type, **more}
        self.error = {name: value for name, value in error.items() if value is not None}

    def body(self) -> bytes:
        return orjson.dumps({"error": self.error}, option=orjson.OPT_INDENT_2)


def unknown_key(secret_key: str) -> ProviderError:
    """401: no account has that secret key."""
    shown = f"{secret_key[:8]}{'*' * max(0, len(secret_key) - 12)}{secret_key[-4:]}" if secret_key else ""
    message = f"Invalid API Key provided: {shown}" if shown else "You did not provide an API key."
    return ProviderError(message, status=401)


def unknown_route(method: str, path: str) -> ProviderError:
    """404: nothing at that address."""
    return ProviderError(f"Unrecognized request URL ({method}: {path}).", status=404)


def missing(kind: str, identity: str, *, param: str = "id", is_saved: bool = False) -> ProviderError:
    """404: nothing with that id in this account."""
    message = f"No such {kind}: '{identity}'"
    return ProviderError(message, status=404, code="resource_missing", param=param, is_saved=is_saved)


def parameter_missing(name: str) -> ProviderError:
    """400: a required parameter was not sent."""
    return ProviderError(f"Missing required param: {name}.", code="parameter_missing", param=name)


def parameter_unknown(name: str) -> ProviderError:
    """400: a parameter that the route does not know."""
    return ProviderError(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def key_reused(key: str) -> ProviderError:
    """400: an idempotency key came back with other parameters."""
    message = (
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request."
    )
    return ProviderError(message, error_type="idempotency_error")


def key_in_use(key: str) -> ProviderError:
    """409: the first request with this idempotency key still runs."""
    message = (
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        f"twice, and the other request is still going through): {key}. Please try again later."
    )
    return ProviderError(message, status=409, code="idempotency_key_in_use")


def server_fault(*, is_saved: bool) -> ProviderError:
    """An answer 500, of which nobody can tell whether the money moved."""
    return ProviderError("An unknown error occurred", status=500, error_type="api_error", is_saved=is_saved)
