"""What production refuses to start with. Each refusal names the setting and says what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.core.exceptions import ImproperlyConfigured

from recoup.kernel import sealed_settings

WORN_OUT_SECRETS = ("changeme", "secret", "django-insecure", "insecure", "default", "password")
SECRET_LENGTH_MIN = 40


def read_seconds(told: str, *, name: str, most: int) -> int:
    """A setting in whole seconds, 0 to `most`. Raises ImproperlyConfigured."""
    if not told.isascii() or not told.isdigit() or int(told) > most:
        raise ImproperlyConfigured(f"{name} is {told!r}; it must be a whole number of seconds from 0 to {most}")
    return int(told)


def refuse_unsafe(
    *, mode: str, secret_key: str, debug: bool, hosts: Sequence[str], environment: Mapping[str, str]
) -> None:
    """Nothing happens when the settings are safe for their mode. Raises ImproperlyConfigured otherwise."""
    if mode not in ("demo", "production"):
        raise ImproperlyConfigured(f"RECOUP_MODE is {mode!r}; it must be demo or production")
    if len(secret_key) < SECRET_LENGTH_MIN or secret_key.lower().startswith(WORN_OUT_SECRETS):
        raise ImproperlyConfigured(
            "RECOUP_SECRET_KEY is missing, shorter than 40 characters, or a well-known default. "
            "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    if mode == "demo":
        return
    if debug:
        raise ImproperlyConfigured("RECOUP_DEBUG is on. Production does not start with it: unset it.")
    if any("*" in host for host in hosts) or not hosts:
        raise ImproperlyConfigured(
            "RECOUP_ALLOWED_HOSTS is empty or has a wildcard. Name the hosts, separated by commas."
        )
    if environment.get("RECOUP_CALLBACK_INSIDE"):
        raise ImproperlyConfigured(
            "RECOUP_CALLBACK_INSIDE is set. It lets webhooks into this machine's own network; production refuses it."
        )
    for name, empty in sealed_settings.EMPTY.items():
        if environment.get(name, empty).strip() != empty and not environment[name].startswith(sealed_settings.MARK):
            raise ImproperlyConfigured(f"{name} is set in the clear. Seal it with: bin/recoup seal {name}")
    if environment.get("RECOUP_CRASHPOINTS"):
        raise ImproperlyConfigured("RECOUP_CRASHPOINTS is set. It kills programs on purpose; production refuses it.")
