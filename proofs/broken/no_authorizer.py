"""A web whose doors let everybody do everything that they have a name for."""

from recoup.access import doors


def break_it() -> None:
    """From now on nobody is asked whether they may."""
    doors.allow = lambda who, *_told, **_named: who
