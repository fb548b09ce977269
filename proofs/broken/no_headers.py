"""A web whose answers say nothing to browsers."""

from recoup.web import headers


def break_it() -> None:
    """From now on no answer has the headers of its kind."""
    headers.dress = lambda *_told: None
