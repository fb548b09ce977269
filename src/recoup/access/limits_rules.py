"""How much is enough: the one table of limits, by what is counted (docs/decisions/0030, docs/api.md).

`10 in 900 s` means: never more than 10 in that time. A limit is counted in one of two ways:

- by *purse*, for what comes by the hundred each second: each process takes a handful of tokens out of the row in
  PostgreSQL and spends them from memory. Together the processes never spend more than the quota of a window.
- *exactly*, for what is rare and worth guessing at: each is counted in PostgreSQL before anything is done.

When PostgreSQL does not answer, a purse lets through (nothing can be done without the database anyway, and its
absence is no reason to refuse what needs none), and an exact limit refuses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from django.conf import settings

from recoup.kernel.errors import Invalid

HOUR, DAY = 3600, 86_400
#: In practice mode a whole replay or a storm comes from one key on one address, as fast as it can.
PRACTICE_TIMES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """At most `quota` in `window_s` seconds, of one subject: an address, a key, a company, an account."""

    bucket: str
    quota: int
    window_s: int
    of: str
    is_exact: bool = False
    #: A company may be given another one, by `bin/recoup limits`.
    is_settable: bool = False


def _purse(bucket: str, quota: int, window_s: int, of: str, *, is_settable: bool = False) -> Rule:
    return Rule(bucket=bucket, quota=quota, window_s=window_s, of=of, is_settable=is_settable)


def _exact(bucket: str, quota: int, window_s: int, of: str, *, is_settable: bool = False) -> Rule:
    return Rule(bucket=bucket, quota=quota, window_s=window_s, of=of, is_exact=True, is_settable=is_settable)


#: Everything that is counted. Whoever opens a door adds its line here.
RULES: dict[str, Rule] = {
    rule.bucket: rule
    for rule in (
        # The JSON API: whoever asks spends of all that apply.
        _purse("api.key", 2_000, 10, "an API key or client", is_settable=True),
        _purse("api.company", 4_000, 10, "all keys of a company together", is_settable=True),
        _purse("api.company.day", 5_000_000, DAY, "all keys of a company together", is_settable=True),
        _purse("api.writes", 2_000, 10, "an API key's requests that change something", is_settable=True),
        _purse("api.bulk", 120, 60, "a company's requests with many orders", is_settable=True),
        _purse("api.guest", 60, 60, "a guest with a token for one case"),
        _purse("api.address", 4_000, 10, "an address, whatever its keys"),
        _purse("api.refused", 300, 60, "an address's requests with a key that opens nothing"),
        # Tokens: the API's servers behind one address ask for theirs; each is good for ten minutes.
        _purse("oauth.address", 1_200, 60, "an address's requests about tokens"),
        # Pages. Many shoppers may stand behind one address of a mobile network.
        _purse("pages.address", 1_200, 60, "an address"),
        _purse("pages.writes", 300, 60, "an address's forms"),
        _purse("uploads", 200, 600, "an address's forms with photos"),
        _purse("webhooks", 3_000, 10, "a payment account's events"),
        _purse("reports.address", 60, 60, "a browser's reports of a broken security policy"),
        _purse("reports", 600, 60, "all such reports together"),
        # Rare and worth guessing at.
        _exact("codes.pair", 6, HOUR, "codes asked for one account from one address"),
        _exact("codes.address", 60, HOUR, "codes asked from one address"),
        _exact("codes.account", 30, HOUR, "codes asked for one account from wherever nobody knows it"),
        _exact("codes", 20_000, HOUR, "all codes together"),
        _exact("codes.tries", 5, 600, "tries of one sign-in code"),
        # Each text costs money, and somebody elsewhere may earn it.
        _exact("texts.number", 5, HOUR, "texts to one number"),
        _exact("texts.number.day", 10, DAY, "texts to one number"),
        _exact("texts.network", 20, HOUR, "texts asked for from one address"),
        _exact("texts.country", 500, HOUR, "texts to one country"),
        _exact("texts", 2_000, HOUR, "all texts together"),
        _exact("sign-in.pair", 10, 900, "failures of one account from one address"),
        _exact("sign-in.address", 100, 900, "failures from one address"),
        _exact("sign-in.account", 100, 900, "failures of one account from wherever nobody knows it"),
        _exact("sign-in", 20_000, 900, "all failures together, from wherever nobody knows"),
        _exact("second-factor", 10, 900, "wrong codes of one person's second factor"),
        _exact("device.person", 20, 600, "letters of devices that one person types"),
        _exact("guests", 60, 600, "an address's guest links that open nothing"),
        _exact("keys", 30, HOUR, "keys a company makes or rotates", is_settable=True),
        _exact("webhooks.test", 30, 60, "test events to one endpoint"),
        _exact("invitations", 60, HOUR, "invitations a company sends", is_settable=True),
        _exact("exports", 20, HOUR, "exports of one person", is_settable=True),
    )
}
#: These may be set for a single key too.
OF_KEYS = frozenset({"api.key", "api.writes"})


@cache
def rule_of(bucket: str) -> Rule:
    """The limit as this Recoup has it: the table's, ten times as much in practice mode for what comes by purse, or what
    `RECOUP_LIMITS` says. Raises KeyError for what is not counted.
    """
    rule = RULES[bucket]
    said = _said(settings.LIMITS).get(bucket)
    if said is not None:
        return replace(rule, quota=said[0], window_s=said[1])
    times = PRACTICE_TIMES if settings.MODE == "demo" and not rule.is_exact else 1
    return replace(rule, quota=rule.quota * times)


def _said(text: str) -> dict[str, tuple[int, int]]:
    """`api.key=500/10,keys=5/3600` of the environment. Raises Invalid."""
    said: dict[str, tuple[int, int]] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        bucket, _, amounts = part.partition("=")
        if bucket not in RULES:
            raise Invalid(f"RECOUP_LIMITS names {bucket!r}; there are {', '.join(RULES)}")
        said[bucket] = read(amounts)
    return said


def read(amounts: str) -> tuple[int, int]:
    """`500/10` as quota and seconds. Raises Invalid."""
    quota, _, window = amounts.partition("/")
    if not (quota.isdecimal() and window.isdecimal() and 0 < int(quota) <= 10**9 and 0 < int(window) <= 366 * DAY):
        raise Invalid(f"{amounts!r} is no limit; write how many and in how many seconds, such as 500/10")
    return int(quota), int(window)
