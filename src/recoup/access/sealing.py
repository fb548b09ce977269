"""Sealing secrets: for the web itself (field key), and for the vault alone (its public key)."""

from __future__ import annotations

from django.conf import settings
from nacl.public import PublicKey, SealedBox
from nacl.secret import SecretBox


def seal_for_us(secret: str) -> bytes:
    """A secret that the product needs itself, such as a webhook's signing secret, encrypted with the field key."""
    return bytes(SecretBox(bytes.fromhex(settings.FIELD_KEY)).encrypt(secret.encode()))


def open_ours(sealed: bytes | memoryview) -> str:
    """What `seal_for_us` sealed."""
    return SecretBox(bytes.fromhex(settings.FIELD_KEY)).decrypt(bytes(sealed)).decode()


def seal_for_vault(secret: str) -> bytes:
    """A secret that only the vault program can open."""
    return bytes(SealedBox(PublicKey(bytes.fromhex(settings.VAULT_PUBLIC_KEY))).encrypt(secret.encode()))
