"""Who has had enough for now: limits of requests, codes and tries, over all processes (docs/decisions/0030).

    limits.spend(bucket="codes.pair", subject=f"{account} {address}", at=at).or_refuse()

The buckets and their quotas are the table in `limits_rules`. A subject is whatever is limited, as a text; an address or
an account is kept in PostgreSQL as a keyed hash only.

Limits of sign-in that cannot lock a victim out: spend failures of the *pair* (account, address), of the address, and,
where neither the device nor the address is known for that account, of the account and of all. Whoever comes from a
device or an address that has signed in before is held by the pair alone, so a stranger's tries cost them nothing.
Spend before the try and `give_back` after a success: then a burst of tries at one moment cannot pass together.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import threading
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from uuid import UUID

import structlog
from django.conf import settings
from django.db import Error

from recoup.access import limits_rows
from recoup.access.limits_rows import Owner
from recoup.access.limits_rules import Rule, rule_of
from recoup.kernel.errors import Refusal

log = structlog.get_logger(__name__)

#: The first purse of a window, and the largest: each is twice the one before.
PURSE_MIN, PURSE_MAX = 16, 512
PURSES_MAX = 20_000
#: While PostgreSQL does not answer, purses let through for so long before they ask again.
BLIND_S = 1.0


class RateLimited(Refusal):
    """Enough for now. `retry_after_s` says when to come again."""

    code = "rate_limited"
    status = 429
    title = "Too many requests; nothing was done with this one"

    def __init__(self, detail: str = "", *, retry_after_s: int = 5, limit: str = "") -> None:
        words = detail or f"Send it again in {retry_after_s} {'second' if retry_after_s == 1 else 'seconds'}"
        super().__init__(words, limit=limit, retry_after=retry_after_s)
        self.retry_after_s = retry_after_s


class NobodyCounts(Refusal):
    """What is counted exactly cannot be counted now, so it is not done."""

    code = "try_again"
    status = 503
    title = "Recoup is restarting; nothing was done. Try again in a few seconds"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it was allowed, and what is left: `remaining` of `quota`, all of it again after `reset_s` seconds."""

    bucket: str
    is_allowed: bool
    quota: int
    window_s: int
    remaining: int
    reset_s: int
    retry_after_s: int = 0

    def or_refuse(self, detail: str = "") -> Verdict:
        """Itself when it was allowed. Raises RateLimited."""
        if not self.is_allowed:
            raise RateLimited(detail, retry_after_s=self.retry_after_s, limit=self.bucket)
        return self


class _Purse:
    """Tokens of one window that this process may spend without asking."""

    __slots__ = ("blind_until", "ends", "is_dry", "left", "lock", "next_size", "rule", "tokens")

    def __init__(self, rule: Rule) -> None:
        self.lock = threading.Lock()
        self.rule = rule
        self.tokens = 0
        #: What was left for everybody when the last tokens were taken.
        self.left = rule.quota
        self.ends = 0
        self.is_dry = False
        self.next_size = PURSE_MIN
        self.blind_until = 0.0


_purses: dict[tuple[str, str], _Purse] = {}


def spend(
    *,
    bucket: str,
    subject: str,
    cost: int = 1,
    at: datetime,
    merchant_id: UUID | None = None,
    key_id: UUID | None = None,
) -> Verdict:
    """`cost` is counted when there is so much left; otherwise nothing is. With `cost=0` one only looks.

    With `merchant_id`, the limit that was set for that company (or for its key) holds instead of the table's.

    Raises NobodyCounts when an exact limit cannot be counted.
    """
    rule = rule_of(bucket)
    owner = None if merchant_id is None else Owner(merchant_id=merchant_id, key_id=key_id)
    if rule.is_exact:
        return _spend_exactly(rule, subject, cost, owner, at)
    return _spend_from_purse(rule, subject, cost, owner, at)


def give_back(*, bucket: str, subject: str, cost: int = 1) -> None:
    """What `spend` counted exactly is not counted after all: the try was a success. Raises NobodyCounts."""
    rule = rule_of(bucket)
    assert rule.is_exact, "what was spent from a purse is gone"  # noqa: S101
    try:
        limits_rows.give_back(rule=rule, subject=_hidden(bucket, subject), cost=cost)
    except Error:
        raise NobodyCounts from None


def network_of(address: str) -> str:
    """An address as limits count it: of IPv6 the first 64 bits, for whoever has one of them has them all."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(IPv6Address(int(parsed) >> 64 << 64)) + "/64"
    return str(parsed)


def forget() -> None:
    """The purses of this process are empty: tokens that were in them are not spent any more."""
    _purses.clear()


def _spend_exactly(rule: Rule, subject: str, cost: int, owner: Owner | None, at: datetime) -> Verdict:
    try:
        found = limits_rows.take_exactly(
            rule=rule, subject=_hidden(rule.bucket, subject), cost=cost, owner=owner, at=at
        )
    except Error as problem:
        log.warning("limit_not_counted", bucket=rule.bucket, kind=type(problem).__name__)
        raise NobodyCounts from None
    rule, spent = found.rule, found.spent
    one_s = rule.window_s / rule.quota
    needed = cost or 1
    is_allowed = found.taken == cost and (cost > 0 or spent + 1 <= rule.quota)
    return Verdict(
        rule.bucket,
        is_allowed,
        rule.quota,
        rule.window_s,
        max(0, math.floor(rule.quota - spent + 1e-9)),
        math.ceil(spent * one_s),
        0 if is_allowed else max(1, math.ceil((spent + needed - rule.quota) * one_s)),
    )


def _spend_from_purse(rule: Rule, subject: str, cost: int, owner: Owner | None, at: datetime) -> Verdict:
    now = at.timestamp()
    purse = _purses.get((rule.bucket, subject))
    if purse is None:
        purse = _new_purse(rule, subject)
    with purse.lock:
        if now >= purse.ends:
            _begin_window(purse, now)
        while purse.tokens < cost and not purse.is_dry:
            if not _fill(purse, subject, cost, owner, at):
                return _verdict(purse, now, is_allowed=True)
        is_allowed = purse.tokens >= cost
        if is_allowed:
            purse.tokens -= cost
        return _verdict(purse, now, is_allowed=is_allowed)


def _new_purse(rule: Rule, subject: str) -> _Purse:
    if len(_purses) >= PURSES_MAX:
        forget()
    return _purses.setdefault((rule.bucket, subject), _Purse(rule))


def _begin_window(purse: _Purse, now: float) -> None:
    window_s = purse.rule.window_s
    purse.ends = (int(now) // window_s + 1) * window_s
    # Whoever spent much in the last window begins this one with a purse of that size.
    purse.next_size = max(PURSE_MIN, purse.next_size // 2)
    purse.tokens, purse.left, purse.is_dry = 0, purse.rule.quota, False


def _fill(purse: _Purse, subject: str, cost: int, owner: Owner | None, at: datetime) -> bool:
    """The purse has more tokens, or is dry. False while nobody can be asked: then this one passes uncounted."""
    now = at.timestamp()
    if now < purse.blind_until:
        return False
    rule = rule_of(purse.rule.bucket)
    try:
        found = limits_rows.take_purse(
            rule=rule,
            subject=_hidden(rule.bucket, subject),
            wanted=max(cost - purse.tokens, purse.next_size),
            owner=owner,
            at=at,
        )
    except Error as problem:
        log.warning("limit_not_counted", bucket=rule.bucket, kind=type(problem).__name__)
        purse.blind_until = now + BLIND_S
        return False
    if found.rule.window_s != purse.rule.window_s:
        purse.ends = (int(now) // found.rule.window_s + 1) * found.rule.window_s
    purse.rule = found.rule
    purse.next_size = min(purse.next_size * 2, PURSE_MAX)
    purse.tokens += found.taken
    purse.left = max(0, int(found.rule.quota - found.spent))
    purse.is_dry = found.taken == 0
    return True


def _verdict(purse: _Purse, now: float, *, is_allowed: bool) -> Verdict:
    rule = purse.rule
    reset_s = max(1, math.ceil(purse.ends - now))
    remaining = purse.left + purse.tokens if is_allowed else 0
    return Verdict(rule.bucket, is_allowed, rule.quota, rule.window_s, remaining, reset_s, 0 if is_allowed else reset_s)


def _hidden(bucket: str, subject: str) -> bytes:
    """The subject as it stands in the table: nobody reads an address or an account out of it."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{bucket}\n{subject}".encode(), hashlib.sha256).digest()[:16]
