"""Why a case was decided as it was: the stored inputs are decided again, and the path through the tables is shown."""

from __future__ import annotations

import argparse
import json
from typing import Any

from recoup.config.house import House
from recoup.kernel.errors import NotFound
from recoup.kernel.ids import read_case_number
from recoup.kernel.money import spoken
from recoup.refunds import queries
from recoup.refunds.policies import policy_of
from recoup.refunds.policy import Facts, Verdict, decide_with_trace, floors_of, in_words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The case, and how to print it."""
    parser.add_argument("case", help="the case number, such as RC-7K3M-9QXD-4")
    parser.add_argument("--json", action="store_true", help="facts, verdict and trace as one JSON object")


def run(arguments: argparse.Namespace, house: House) -> int:  # noqa: ARG001 - the shape of every command
    """0 when the replay gives the stored verdict, 1 when it does not or there is no such decision."""
    number = read_case_number(arguments.case) or arguments.case
    found = queries.find_by_number(number)
    if found is None:
        raise NotFound(f"There is no case {arguments.case}")
    merchant_id, case_id = found
    decision = queries.last_decision(merchant_id=merchant_id, case_id=case_id)
    if decision is None:
        print(f"Case {number} has no stored decision yet: its order is still being looked for.")
        return 1
    stored = Verdict.from_mapping(decision.verdict)
    policy = policy_of(merchant_id=merchant_id, version_id=decision.policy_version_id)
    facts = Facts.from_mapping(decision.facts)
    again, trace = decide_with_trace(facts=facts, policy=policy, floors=floors_of(stored.law_version))
    is_same = json.loads(again.to_json()) == json.loads(stored.to_json())
    if arguments.json:
        print(
            json.dumps(
                {"case": number, "same": is_same, "facts": decision.facts, "verdict": decision.verdict, "trace": trace},
                default=str,
            )
        )
    else:
        _tell(number, stored, is_same=is_same)
    return 0 if is_same else 1


def _tell(number: str, verdict: Verdict, *, is_same: bool) -> None:
    print(f"Case {number}: {verdict.outcome.value.replace('_', ' ')}")
    print(f"  {in_words(verdict)}")
    print(f"  Decided by the rule {verdict.rule} of policy {verdict.policy_version} ({verdict.policy_hash[:12]}).")
    for floor in verdict.floors:
        print(f"  The law was asked: {floor}")
    for line in verdict.lines:
        amount = spoken(line.total_minor, verdict.currency)
        print(f"  - {line.quantity} x {line.line_id}: {line.outcome.value}, {amount}, rule {line.rule}")
    for signal in verdict.signals:
        print(f"  Risk: {signal.words} ({signal.weight})")
    print("  Path through the tables:")
    for table, rows in verdict.trace.items():
        print(f"    {table}: {_short(rows)}")
    print(
        "The stored inputs, decided again just now, give the same verdict."
        if is_same
        else "REPLAY DIFFERS from what was stored."
    )


def _short(rows: Any) -> str:
    text = json.dumps(rows, default=str)
    return text if len(text) <= 200 else f"{text[:200]}…"
