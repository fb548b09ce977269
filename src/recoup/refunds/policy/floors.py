"""The law's floors: what a shopper gets at least, by their country and dates. They beat a merchant's policy.

A law governs the contracts made from its first day to the day before its last (so says SI 2013/3134, regulation 1(2),
and article 24(2) of Directive 2019/771); the time it gives is measured at the moment of the request.
The rules are dated data with their sources in `law/VERSION.json`; a published file is never changed, so that a stored
decision replays with the law it was made under. Days are counted to the shopper's advantage (`context.last_moment`).
"""

from __future__ import annotations

import calendar
import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from typing import Any, Literal

import orjson

from recoup.refunds.policy.context import end_of_day_everywhere, is_delivered
from recoup.refunds.policy.facts import Channel, Facts, LineFacts, LineKind, OrderFacts
from recoup.refunds.policy.reasons import Reason

#: The law data that new decisions use.
CURRENT_VERSION = "2026-11"

Remedy = Literal["refund", "repair_first"]


class LawUnknown(LookupError):
    """There is no law data of that version, or its text is not what it was when the decision was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LawException:
    """When the right does not exist: the line is of one of `kinds` (empty: any) and carries all of `all_flags`."""

    id: str
    all_flags: frozenset[str]
    kinds: frozenset[LineKind]

    def covers(self, line: LineFacts) -> bool:
        return self.all_flags.issubset(line.flags) and (not self.kinds or line.kind in self.kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class LawRule:
    """One right. `refund`: the money is owed. `repair_first`: a remedy is owed, of which money is the last."""

    id: str
    title: str
    effective_from: date
    effective_until: date | None
    channels: frozenset[Channel]
    kinds: frozenset[LineKind]
    reasons: frozenset[Reason] | None
    period: Mapping[str, int]
    remedy: Remedy
    without_reason: bool
    standard_delivery: bool
    fees_allowed: frozenset[str]
    exceptions: tuple[LawException, ...]
    source_title: str
    source_url: str

    def governs(self, contract: date) -> bool:
        """True for contracts made from the first day of the law to the day before it ended."""
        return self.effective_from <= contract and (self.effective_until is None or contract < self.effective_until)

    def speaks_of(self, line: LineFacts, *, reason: Reason, channel: Channel) -> bool:
        """True when the right covers this line and reason, time apart."""
        return (
            channel in self.channels
            and line.kind in self.kinds
            and (self.reasons is None or reason in self.reasons)
            and not any(exception.covers(line) for exception in self.exceptions)
        )

    def ends_after(self, start: datetime) -> datetime:
        """The first moment too late, when the time runs from the day after `start`."""
        return end_of_day_everywhere(_later(start.astimezone(UTC).date(), self.period))


@dataclass(frozen=True, slots=True, kw_only=True)
class Floors:
    """One version of the law data. `version` names the file and the first letters of its hash."""

    version: str
    unknown_delivery_days: int
    by_country: Mapping[str, tuple[LawRule, ...]] = field(repr=False)

    def rules_for(self, facts: Facts) -> tuple[LawRule, ...]:
        """The rights of the shopper's country that govern this contract and were not over when they asked."""
        if facts.country is None:
            return ()
        rules = self.by_country.get(facts.country, ())
        if not rules:
            return ()
        contract = facts.order.placed_at.astimezone(UTC).date()
        start = self._start(facts.order)
        return tuple(
            rule
            for rule in rules
            if rule.governs(contract) and (start is None or facts.requested_at < rule.ends_after(start))
        )

    def _start(self, order: OrderFacts) -> datetime | None:
        """When the goods were received; None when they were not, so that no time has begun to run.

        When they arrived on a day that nobody recorded, the latest day that the law expects counts.
        """
        if order.delivered_at is not None:
            return order.delivered_at
        if not is_delivered(order):
            return None
        return (order.shipped_at or order.placed_at) + timedelta(days=self.unknown_delivery_days)


def best_rule(rules: tuple[LawRule, ...], line: LineFacts, *, reason: Reason, channel: Channel) -> LawRule | None:
    """The strongest right that covers the line: one that owes the money before one that owes a repair."""
    fitting = [rule for rule in rules if rule.speaks_of(line, reason=reason, channel=channel)]
    for rule in fitting:
        if rule.remedy == "refund":
            return rule
    return fitting[0] if fitting else None


@functools.cache
def floors_of(version: str) -> Floors:
    """The law data of a version ("2026-11", or "2026-11+1a2b3c4d" from a stored verdict). Raises LawUnknown."""
    name, _, stamp = version.partition("+")
    file = resources.files(__package__) / "law" / f"{name}.json"
    if not name.replace("-", "").isalnum() or not file.is_file():
        raise LawUnknown(f"there is no law data {name}")
    text = file.read_bytes()
    digest = hashlib.sha256(text).hexdigest()[:8]
    if stamp and stamp != digest:
        raise LawUnknown(f"law data {name} is {digest}, not {stamp}: a published file was changed")
    return _floors(orjson.loads(text), version=f"{name}+{digest}")


def current_floors() -> Floors:
    """The law data that new decisions use."""
    return floors_of(CURRENT_VERSION)


def _floors(data: Mapping[str, Any], *, version: str) -> Floors:
    by_country: dict[str, tuple[LawRule, ...]] = {}
    for stored in data["rules"]:
        rule = _rule(stored)
        for name in stored["countries"]:
            for country in data["groups"].get(name, [name]):
                by_country[country] = (*by_country.get(country, ()), rule)
    return Floors(version=version, unknown_delivery_days=data["unknown_delivery_days"], by_country=by_country)


def _rule(stored: Mapping[str, Any]) -> LawRule:
    until = stored["effective_until"]
    return LawRule(
        id=stored["id"],
        title=stored["title"],
        effective_from=date.fromisoformat(stored["effective_from"]),
        effective_until=date.fromisoformat(until) if until else None,
        channels=frozenset(Channel(channel) for channel in stored["channels"]),
        kinds=frozenset(LineKind(kind) for kind in stored["kinds"]),
        reasons=None if stored["reasons"] == "any" else frozenset(Reason(reason) for reason in stored["reasons"]),
        period=stored["period"],
        remedy=stored["remedy"],
        without_reason=stored["without_reason"],
        standard_delivery=stored["standard_delivery"],
        fees_allowed=frozenset(stored["fees_allowed"]),
        exceptions=tuple(
            LawException(
                id=exception["id"],
                all_flags=frozenset(exception["all_flags"]),
                kinds=frozenset(LineKind(kind) for kind in exception.get("kinds", ())),
            )
            for exception in stored["exceptions"]
        ),
        source_title=stored["source"]["title"],
        source_url=stored["source"]["url"],
    )


def _later(day: date, period: Mapping[str, int]) -> date:
    """`day` moved by days, months or years; the 31st of a short month is its last day."""
    months = period.get("months", 0) + 12 * period.get("years", 0)
    if months:
        month = day.month - 1 + months
        year, month = day.year + month // 12, month % 12 + 1
        day = day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))
    return day + timedelta(days=period.get("days", 0))
