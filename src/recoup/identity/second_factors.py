"""What a second factor is made from, kept encrypted with the field key. django-allauth asks here."""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter

from recoup.access import sealing


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """The secret of an authenticator app and the seed of the recovery codes are never stored in the clear."""

    def encrypt(self, text: str) -> str:
        """As it is stored."""
        return sealing.seal_for_us(text).hex()

    def decrypt(self, encrypted_text: str) -> str:
        """As it was told."""
        return sealing.open_ours(bytes.fromhex(encrypted_text))
