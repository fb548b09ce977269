"""Where django-allauth asks us about accounts."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts as Recoup wants them."""
