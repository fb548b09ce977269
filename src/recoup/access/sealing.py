"""Sealing secrets: for the web itself (field key), and for the vault alone (its public key)."""

from __future__ import annotations

import base64
import binascii

from django.conf import settings
from nacl.exceptions import CryptoError
from nacl.public import PublicKey, SealedBox
from nacl.secret import SecretBox

from recoup.kernel.sealed_settings import MARK


def seal_for_us(secret: str) -> bytes:
    """A secret that the product needs itself, such as a webhook's signing secret, encrypted with the field key."""
    return bytes(SecretBox(bytes.fromhex(settings.FIELD_KEY)).encrypt(secret.encode()))


def open_ours(sealed: bytes | memoryview) -> str:
    """What `seal_for_us` sealed."""
    return SecretBox(bytes.fromhex(settings.FIELD_KEY)).decrypt(bytes(sealed)).decode()


def seal_for_vault(secret: str) -> bytes:
    """A secret that only the vault program can open."""
    return bytes(SealedBox(PublicKey(bytes.fromhex(settings.VAULT_PUBLIC_KEY))).encrypt(secret.encode()))


def as_setting(secret: str) -> str:
    """The secret as a setting that may stand in files of the operator's: this house alone opens it."""
    return MARK + base64.urlsafe_b64encode(seal_for_us(secret)).decode()


def of_setting(told: str) -> str:
    """What a setting says, opened at the moment it is used. Raises ValueError when it was sealed by another house."""
    if not told.startswith(MARK):
        return told
    try:
        return open_ours(base64.urlsafe_b64decode(told.removeprefix(MARK)))
    except (CryptoError, binascii.Error):
        raise ValueError("a sealed setting cannot be opened: another house sealed it, or it was cut off") from None
