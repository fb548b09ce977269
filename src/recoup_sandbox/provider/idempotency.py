"""Idempotency keys: the first answer is kept and given again, byte for byte.

Stripe's API v1 (https://docs.stripe.com/api/idempotent_requests) keeps the status and body of the first request that
began to execute, 500s included, for 24 hours; refuses the key with other parameters (400 idempotency_error) and while
the first request still runs (409 idempotency_key_in_use). `accounts.PROFILES` lists the other ways.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from recoup_sandbox.provider.accounts import Account
from recoup_sandbox.provider.errors import ProviderError, key_in_use, key_reused
from recoup_sandbox.provider.store import Store

KEY_LENGTH_MAX = 255


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """What was answered first, and to which request."""

    status: int
    body: bytes
    request: str


class Keys:
    """The keys of all accounts: which are in use this moment, which have an answer."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._running: dict[tuple[str, str], bytes] = {}

    @contextmanager
    def held(self, account: Account, key: str | None, fingerprint: bytes) -> Iterator[SavedAnswer | None]:
        """Hold the key for the time of one request; yields the answer it already has. Raises ProviderError."""
        if key is None or account.profile == "none":
            yield None
            return
        if len(key) > KEY_LENGTH_MAX:
            raise ProviderError(f"Idempotency keys can have up to {KEY_LENGTH_MAX} characters.")
        slot = (account.id, key)
        if slot in self._running:
            raise key_in_use(key) if self._running[slot] == fingerprint else key_reused(key)
        saved = self._saved(account, key, fingerprint)
        self._running[slot] = fingerprint
        try:
            yield saved
        finally:
            del self._running[slot]

    def save(self, account: Account, key: str | None, fingerprint: bytes, answer: SavedAnswer) -> None:
        """Inside a step: keep the answer, if the account's profile keeps such answers."""
        if key is None or account.profile == "none":
            return
        if account.profile == "checkout" and not 200 <= answer.status < 300:
            return
        self._store.run(
            "INSERT OR REPLACE INTO saved_answers (account, key, fingerprint, status, body, request, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            account.id, key, fingerprint, answer.status, answer.body, answer.request, self._store.now(),
        )  # fmt: skip

    def prune(self, account: Account) -> int:
        """Inside a step: forget the keys of an account that are past their life. Returns how many."""
        oldest = self._store.now() - account.key_lifetime_s
        return self._store.run("DELETE FROM saved_answers WHERE account = ? AND at <= ?", account.id, oldest)

    def _saved(self, account: Account, key: str, fingerprint: bytes) -> SavedAnswer | None:
        row = self._store.one(
            "SELECT fingerprint, status, body, request, at FROM saved_answers WHERE account = ? AND key = ?",
            account.id, key,
        )  # fmt: skip
        if row is None or row["at"] + account.key_lifetime_s <= self._store.now():
            return None
        if row["fingerprint"] != fingerprint:
            raise key_reused(key)
        return SavedAnswer(row["status"], row["body"], row["request"])
