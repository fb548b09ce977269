"""A web that says which addresses it knows, computes a password's hash only for those, and answers when it is ready."""

from django.conf import settings


def break_it() -> None:
    """From now on all three."""
    from allauth.account.auth_backends import AuthenticationBackend

    from recoup.web.shopper import even_time

    settings.ACCOUNT_PREVENT_ENUMERATION = False
    AuthenticationBackend._mitigate_timing_attack = lambda *_told: None  # type: ignore[method-assign]  # noqa: SLF001
    even_time.STEP_S = 0.0
