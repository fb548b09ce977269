"""Which compiled policy decides: read once per version and process, because a version never changes."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from recoup.merchants import queries as merchants
from recoup.refunds.policy import Policy, default_policy, read_policy


def policy_of(*, merchant_id: UUID, version_id: UUID | None) -> Policy:
    """The merchant's version, compiled; the default tables when the merchant has enabled none."""
    return default_policy() if version_id is None else _compiled(merchant_id, version_id)


@lru_cache(maxsize=256)
def _compiled(merchant_id: UUID, version_id: UUID) -> Policy:
    document = merchants.policy_version(merchant_id=merchant_id, version_id=version_id).document
    return read_policy(document or {})
