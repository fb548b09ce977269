"""The secrets of one house: made once, kept in files that only their owner can read.

`secrets.json` holds what the product's programs need. `vault.key` is apart, because only the vault program reads it:
what is sealed to `vault.pub` cannot be opened by the product.
"""

import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from nacl.public import PrivateKey

from recoup.config import files

SUPERUSER = "postgres"
OWNER = "recoup_owner"
PROGRAM_ROLES = ("recoup_web", "recoup_worker", "recoup_vault", "recoup_insights")
ROLES = (OWNER, *PROGRAM_ROLES)


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """`owner_url` is set when the house uses a server of the operator's: the DATABASE_URL it was given."""

    passwords: dict[str, str]
    secret_key: str
    field_key: str
    owner_url: str | None = None

    def with_owner_url(self, owner_url: str | None) -> "Secrets":
        return replace(self, owner_url=owner_url)


def generate() -> Secrets:
    """Fresh secrets from the operating system's generator: at least 192 bits each."""
    return Secrets(
        passwords={role: secrets.token_urlsafe(24) for role in (SUPERUSER, *ROLES)},
        secret_key=secrets.token_urlsafe(48),
        field_key=secrets.token_hex(32),
    )


def load(path: Path) -> Secrets | None:
    """The secrets in the file; None when there are none yet."""
    content = files.read_json(path)
    return None if content is None else Secrets(**content)


def save(path: Path, held: Secrets) -> None:
    """The file holds these secrets, for its owner's eyes only."""
    files.write_private_json(path, asdict(held))


def make_vault_keys(*, private: Path, public: Path) -> None:
    """A key pair in hex is in the two files. An existing private key is never replaced: it opens what was sealed."""
    if not private.exists():
        files.write_private(private, bytes(PrivateKey.generate()).hex() + "\n")
    key = PrivateKey(bytes.fromhex(private.read_text().strip()))
    files.write_private(public, bytes(key.public_key).hex() + "\n", mode=0o644)
