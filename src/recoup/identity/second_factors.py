"""What a second factor is made from, kept encrypted with the field key. django-allauth asks here."""

from __future__ import annotations

import io
from typing import Any, ClassVar

import segno
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator

from recoup.access import sealing

_NTH = ("My passkey", "My second passkey", "My third passkey")


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """The secret of an authenticator app and the seed of the recovery codes are never stored in the clear."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That did not work. A code works once and for half a minute: wait for the next one.",
        "unverified_email": "Confirm your e-mail address first. Nothing was added.",
    }

    def encrypt(self, text: str) -> str:
        """As it is stored."""
        return sealing.seal_for_us(text).hex()

    def decrypt(self, encrypted_text: str) -> str:
        """As it was told."""
        return sealing.open_ours(bytes.fromhex(encrypted_text))

    def build_totp_svg(self, url: str) -> str:
        """The square picture that an authenticator app reads, black on white whatever the page's colours are."""
        drawn = io.BytesIO()
        segno.make(url, error="m", micro=False).save(drawn, kind="svg", scale=5, border=4, light="#fff")
        return drawn.getvalue().decode()

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's name
        """What a passkey is called when its owner gives it no name."""
        many = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _NTH[many] if many < len(_NTH) else f"Passkey {many + 1}"
