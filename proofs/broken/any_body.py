"""A web that reads every body."""

from recoup.web import front


def break_it() -> None:
    """From now on nobody looks how large a body is and how it is built."""
    front._must_have_a_plain_body = lambda _request: None  # noqa: SLF001 - broken on purpose
