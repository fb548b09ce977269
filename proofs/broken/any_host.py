"""A web that answers to every name."""

from recoup.web import front


def break_it() -> None:
    """From now on nobody looks at the header Host."""
    front._must_name_us = lambda _request: None  # noqa: SLF001 - broken on purpose
