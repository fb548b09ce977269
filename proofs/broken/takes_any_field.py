"""A web that reads bodies as most frameworks do: what nobody offered is passed over in silence."""

from recoup.access import doors


def break_it() -> None:
    """From now on bodies may have any field: they are declared after this, and inherit it."""
    doors.Strict.model_config["extra"] = "ignore"
