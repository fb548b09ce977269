"""Where a policy gives less than the law: found by asking it about the last days that the law protects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from recoup.refunds.policy.decide import decide
from recoup.refunds.policy.engine import Policy
from recoup.refunds.policy.facts import Facts, LineFacts, OrderFacts, OrderStatus
from recoup.refunds.policy.floors import Floors, LawRule
from recoup.refunds.policy.reasons import Reason

#: One country for each group of laws, and its currency. EU: any of its members.
ASKED_IN = {"GB": "GBP", "DE": "EUR", "SG": "SGD"}
#: So many kinds of article are asked about, because windows differ by category.
CATEGORIES = ("", "electronics", "clothing")
_LAWS_OWN_WORDS = frozenset({"legal_right", "legal_remedy_due"})
_PRICE_MINOR = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifted:
    """A refusal of the tables that the law lifts: on that day after the arrival, for articles of that category."""

    country: str
    law: str
    source_url: str
    category: str
    day: int
    reason: Reason


def lifted_by_law(*, policy: Policy, floors: Floors, at: datetime) -> list[Lifted]:
    """Every refusal that shoppers would never read, because the law comes before it. `at` is the day of asking."""
    found = []
    for country in ASKED_IN:
        for rule in floors.by_country.get(country, ()):
            for category in CATEGORIES:
                lifted = _asked(policy, floors, rule, country=country, category=category, at=at)
                if lifted is not None:
                    found.append(lifted)
    return found


def _asked(
    policy: Policy, floors: Floors, rule: LawRule, *, country: str, category: str, at: datetime
) -> Lifted | None:
    day = _days(rule)
    arrived = at - timedelta(days=day)
    if not rule.governs((arrived - timedelta(days=3)).date()):
        return None
    reason = Reason.CHANGED_MIND if rule.without_reason else Reason.DEFECTIVE
    verdict = decide(
        facts=Facts(
            requested_at=at,
            currency=ASKED_IN[country],
            country=country,
            order=OrderFacts(
                number="TRY",
                placed_at=arrived - timedelta(days=3),
                delivered_at=arrived,
                status=OrderStatus.DELIVERED,
                channel=min(rule.channels),
            ),
            lines=(
                LineFacts(
                    line_id="1",
                    sku="TRY",
                    title="Article",
                    category=category,
                    quantity_ordered=1,
                    quantity_requested=1,
                    goods_minor=_PRICE_MINOR,
                ),
            ),
            reason=reason,
        ),
        policy=policy,
        floors=floors,
    )
    if rule.id not in verdict.floors or verdict.lines[0].words.key not in _LAWS_OWN_WORDS:
        return None
    return Lifted(
        country=country, law=rule.title, source_url=rule.source_url, category=category, day=day, reason=reason
    )


def _days(rule: LawRule) -> int:
    """A day near the end of the time that the law gives."""
    period = rule.period
    return period.get("days", 0) + 30 * period.get("months", 0) + 364 * period.get("years", 0)
