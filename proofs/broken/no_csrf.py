"""A web that takes forms without their token, from wherever they come."""

from typing import Any

from django.middleware.csrf import CsrfViewMiddleware


def break_it() -> None:
    """From now on no form is asked for its token."""
    CsrfViewMiddleware.process_view = _nothing  # type: ignore[method-assign]


def _nothing(*_told: Any) -> None:
    return None
