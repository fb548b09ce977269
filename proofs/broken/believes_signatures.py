"""A web that takes every event for the provider's, signed or not."""

from recoup.webhooks import views


def break_it() -> None:
    """From now on every signature is good."""
    views._is_signed = lambda *_told: True  # noqa: SLF001 - broken on purpose
