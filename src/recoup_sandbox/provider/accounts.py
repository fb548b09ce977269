"""The merchants' accounts at the provider: a secret key, how idempotency keys behave there, and money."""

from dataclasses import dataclass

from recoup_sandbox.provider.errors import unknown_key
from recoup_sandbox.provider.ids import new_id
from recoup_sandbox.provider.store import Store

#: How an account treats idempotency keys. `stripe_v1` is what Stripe documents; the others are other providers' ways.
PROFILES = {
    "stripe_v1": "saves the first answer of every request that began to execute, 500s included; 24 hours",
    "checkout": "saves only 2xx answers; after an error the same key executes again; 24 hours",
    "expiring": "as stripe_v1, but forgets a key after key_lifetime_s (60 s unless told)",
    "none": "ignores idempotency keys",
}
#: What happens to a refund when the balance does not cover it.
WHEN_SHORT = {
    "pending": "the refund waits with pending_reason=insufficient_funds until money comes in (what Stripe documents)",
    "fail": "the refund waits, then fails with failure_reason=insufficient_funds at the next look of the provider",
    "error": "refused with 400 and code balance_insufficient",
    "negative": "paid; the balance goes below zero",
}
DAY_S = 24 * 3600
EXPIRING_LIFETIME_S = 60


class UnknownAccount(LookupError):
    """No account with that id."""


@dataclass(slots=True)
class Account:
    """One merchant at the provider."""

    id: str
    secret_key: str
    name: str
    profile: str
    key_lifetime_s: int
    when_short: str
    reference_after_s: float | None
    created: int

    def as_json(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


class Accounts:
    """All accounts, in memory and in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        rows = [Account(**dict(row)) for row in store.all("SELECT * FROM accounts")]
        self._by_id = {account.id: account for account in rows}
        self._by_key = {account.secret_key: account for account in rows}

    def all(self) -> list[Account]:
        return list(self._by_id.values())

    def get(self, account_id: str) -> Account:
        account = self._by_id.get(account_id)
        if account is None:
            raise UnknownAccount(account_id)
        return account

    def with_secret_key(self, secret_key: str) -> Account:
        """Raises ProviderError 401."""
        account = self._by_key.get(secret_key)
        if account is None:
            raise unknown_key(secret_key)
        return account

    def put(self, account: Account) -> Account:
        """Store a new account or new settings of an old one."""
        if account.profile not in PROFILES or account.when_short not in WHEN_SHORT:
            raise ValueError(f"profile is one of {sorted(PROFILES)}, when_short one of {sorted(WHEN_SHORT)}")
        taken = self._by_key.get(account.secret_key)
        if taken and taken.id != account.id:
            raise ValueError("that secret key belongs to another account")
        values = tuple(getattr(account, name) for name in Account.__slots__)
        with self._store.step():
            self._store.run("INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *values)
        before = self._by_id.get(account.id)
        if before:
            del self._by_key[before.secret_key]
        self._by_id[account.id] = self._by_key[account.secret_key] = account
        return account

    def available(self, account_id: str, currency: str) -> int:
        """The account's balance, in minor units."""
        row = self._store.one("SELECT available FROM balances WHERE account = ? AND currency = ?", account_id, currency)
        return row["available"] if row else 0

    def add_funds(self, account_id: str, currency: str, amount_minor: int) -> None:
        """Inside a step: change the balance by `amount_minor`, which may be negative."""
        self._store.run(
            "INSERT INTO balances VALUES (?, ?, ?) "
            "ON CONFLICT (account, currency) DO UPDATE SET available = available + excluded.available",
            account_id, currency, amount_minor,
        )  # fmt: skip


def account_from_json(given: dict[str, object], *, now: float, before: Account | None) -> Account:
    """An account from what the control API was told; what is not said stays as before or takes its default."""
    old = before.as_json() if before else {}
    unknown = set(given) - set(Account.__slots__) - {"created"}
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}; an account has {', '.join(Account.__slots__)}")

    def value(name: str, default: object) -> object:
        return given.get(name, old.get(name, default))

    profile = str(value("profile", "stripe_v1"))
    lifetime = old.get("key_lifetime_s") if before and before.profile == profile else None
    default_lifetime = lifetime or (EXPIRING_LIFETIME_S if profile == "expiring" else DAY_S)
    reference_after_s = value("reference_after_s", None)
    return Account(
        id=str(value("id", new_id("acct"))),
        secret_key=str(value("secret_key", new_id("sk_test"))),
        name=str(value("name", "")),
        profile=profile,
        key_lifetime_s=int(str(given.get("key_lifetime_s", default_lifetime))),
        when_short=str(value("when_short", "pending")),
        reference_after_s=None if reference_after_s is None else float(str(reference_after_s)),
        created=int(str(old.get("created", int(now)))),
    )
