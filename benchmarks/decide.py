"""What one decision costs, in microseconds of CPU: `python benchmarks/decide.py [--rounds N]`.

Prints one JSON object per shape of request, then the same tables asked in the way the engine's manual shows first
(`create_decision(...).evaluate(...)`, which compiles the graph on every call), then the cost of a full trace.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import zen

from recoup.refunds import policy
from recoup.refunds.policy import engine
from recoup.refunds.policy.documents import read_document

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def request_of(lines: int, *, reason: policy.Reason, country: str) -> policy.Facts:
    """A plain request for so many lines of one order, delivered five days ago."""
    return policy.Facts(
        requested_at=NOON,
        currency="GBP",
        country=country,
        order=policy.OrderFacts(
            number="536365", placed_at=NOON - timedelta(days=9), delivered_at=NOON - timedelta(days=5)
        ),
        lines=tuple(
            policy.LineFacts(
                line_id=f"line-{number}",
                sku="85123A",
                title="White hanging heart",
                category="gifts",
                quantity_ordered=6,
                quantity_requested=2,
                goods_minor=510,
            )
            for number in range(lines)
        ),
        reason=reason,
        shopper=policy.ShopperFacts(account_age_days=400, orders_count=12, orders_refunded_count=1),
    )


def microseconds(act: Callable[[], object], *, rounds: int) -> float:
    """CPU time of one call, the best of five runs of `rounds` calls (the machine is shared)."""
    act()
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        for _ in range(rounds):
            act()
        best = min(best, (time.process_time() - began) / rounds)
    return round(best * 1e6, 1)


def naive(facts: policy.Facts) -> Callable[[], object]:
    """The same first graph, asked through a decision that compiles at every call."""
    document = read_document(policy.default_document(), fallback=policy.default_document())
    graph = engine._graph(engine.GRAPHS["first_look"], document.tables)  # noqa: SLF001
    decision = zen.ZenEngine().create_decision(zen.ZenDecisionContent(json.dumps(graph)))
    seen: list[dict[str, object]] = []
    original = policy.default_policy().engine.evaluate

    class Listening:
        def evaluate(self, key: str, context: dict[str, object], options: object = None) -> object:
            seen.append(context)
            return original(key, context)

    listening = dataclasses.replace(policy.default_policy(), engine=Listening())  # type: ignore[arg-type]
    policy.decide(facts=facts, policy=listening, floors=policy.current_floors())
    return lambda: decision.evaluate(seen[0])


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=1000)
    rounds = arguments.parse_args(argv).rounds
    merchant, law = policy.default_policy(), policy.current_floors()
    for lines, reason, country in (
        (1, policy.Reason.CHANGED_MIND, "US"),
        (1, policy.Reason.CHANGED_MIND, "GB"),
        (3, policy.Reason.DAMAGED, "GB"),
        (20, policy.Reason.CHANGED_MIND, "DE"),
    ):
        facts = request_of(lines, reason=reason, country=country)
        verdict = policy.decide(facts=facts, policy=merchant, floors=law)
        measured = {
            "lines": lines,
            "reason": reason,
            "country": country,
            "outcome": verdict.outcome,
            "decide_us": microseconds(
                lambda facts=facts: policy.decide(facts=facts, policy=merchant, floors=law),  # type: ignore[misc]
                rounds=rounds,
            ),
            "facts_to_json_us": microseconds(facts.to_json, rounds=rounds),
            "verdict_to_json_us": microseconds(verdict.to_json, rounds=rounds),
            "decide_with_trace_us": microseconds(
                lambda facts=facts: policy.decide_with_trace(facts=facts, policy=merchant, floors=law),  # type: ignore[misc]
                rounds=max(1, rounds // 10),
            ),
            "naive_first_graph_only_us": microseconds(naive(facts), rounds=max(1, rounds // 10)),
        }
        print(json.dumps(measured))


if __name__ == "__main__":
    main()
