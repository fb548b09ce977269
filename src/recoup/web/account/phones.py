"""What accounts with a phone number and without an address need of django-allauth's adapter."""

from __future__ import annotations

from typing import Any

from allauth.account.stages import EmailVerificationStage
from django.http import HttpResponse

_ADDRESS_STAGE = "allauth.account.stages.EmailVerificationStage"


class AddressStage(EmailVerificationStage):  # type: ignore[misc]
    """An address is proved before it opens an account; who is reached by a proved number alone has none to prove."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        person: Any = self.login.user
        if person and not person.email and person.phone_verified_at:
            return None, True
        went: tuple[HttpResponse | None, bool] = super().handle()
        return went


class Phones:
    """For the adapter to inherit from, before allauth's own."""

    def get_login_stages(self) -> list[str]:
        """Allauth's, with the one that asks for an address replaced."""
        stages: list[str] = super().get_login_stages()  # type: ignore[misc]
        own = f"{AddressStage.__module__}.{AddressStage.__qualname__}"
        return [own if stage == _ADDRESS_STAGE else stage for stage in stages]
