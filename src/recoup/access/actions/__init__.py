"""The counter of access: giving and taking API keys."""

from recoup.access.actions.create_key import create_key
from recoup.access.actions.revoke_key import revoke_key
from recoup.access.actions.rotate_key import rotate_key

__all__ = ["create_key", "revoke_key", "rotate_key"]
