"""A sound web on a port of its own, for settings that the house's own must not have."""


def break_it() -> None:
    """Nothing is broken."""
