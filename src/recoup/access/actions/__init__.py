"""The counter of access: giving and taking API keys, limits, and the sites that may call the API."""

from recoup.access.actions.allow_origin import allow_origin
from recoup.access.actions.clear_limit import clear_limit
from recoup.access.actions.create_key import create_key
from recoup.access.actions.forbid_origin import forbid_origin
from recoup.access.actions.revoke_key import revoke_key
from recoup.access.actions.rotate_key import rotate_key
from recoup.access.actions.set_limit import set_limit

__all__ = [
    "allow_origin",
    "clear_limit",
    "create_key",
    "forbid_origin",
    "revoke_key",
    "rotate_key",
    "set_limit",
]
