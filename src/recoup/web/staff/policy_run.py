"""A draft run over past cases, some hundred at a time, so that each step is one short request without JavaScript."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from recoup.kernel.money import spoken
from recoup.merchants import actions as merchants
from recoup.merchants import queries as companies
from recoup.refunds import queries as cases
from recoup.refunds.policy import Facts, compare, current_floors, default_policy, read_policy

#: Past cases of so long, and so many of them in one step.
SINCE = timedelta(days=90)
STEP = 500
EXAMPLES_MOST = 20
OUTCOMES = {
    "approve": "approved",
    "approve_partly": "approved in part",
    "reject": "rejected",
    "ask_evidence": "asked for evidence",
    "ask_goods": "asked for the goods",
    "ask_person": "left to a person",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunShown:
    """How far the run is, and what was found so far."""

    done: int
    total: int
    changed: int
    is_finished: bool
    moves: tuple[str, ...]
    sums: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]


def step(*, merchant_id: UUID, draft: companies.Draft, at: datetime) -> None:
    """The next cases are decided twice, by the draft and by what decides now. Nothing is changed; nobody is told."""
    now = companies.policy_now(merchant_id=merchant_id)
    run = draft.past_run if draft.past_run.get("against") == now.number else _begun(merchant_id, now.number, at)
    if run.get("finished"):
        run = _begun(merchant_id, now.number, at)
    after = UUID(run["after"]) if run["after"] else None
    since = datetime.fromisoformat(run["since"])
    found = cases.facts_after(merchant_id=merchant_id, since=since, after=after, many=STEP)
    compared = compare(
        old=default_policy() if now.document is None else read_policy(now.document),
        new=read_policy(draft.document),
        cases=((number, Facts.from_mapping(facts)) for _, number, facts in found),
        floors=current_floors(),
    )
    examples = [
        [change.case, change.old.outcome.value, change.new.outcome.value, change.difference_minor, change.currency]
        for change in compared.changes
    ]
    moved = Counter(run["moves"])
    for change in compared.changes:
        moved[f"{change.old.outcome.value}>{change.new.outcome.value}"] += 1
    merchants.note_past_run(
        merchant_id=merchant_id,
        revision=draft.revision,
        past_run={
            **run,
            "done": run["done"] + compared.cases,
            "changed": run["changed"] + len(compared.changes),
            "after": str(found[-1][0]) if found else run["after"],
            "finished": len(found) < STEP,
            "moves": moved,
            "old": _added(run["old"], compared.old_total_minor),
            "new": _added(run["new"], compared.new_total_minor),
            "examples": [*run["examples"], *examples][:EXAMPLES_MOST],
        },
    )


def is_finished(draft: companies.Draft, *, now: int) -> bool:
    """Whether past cases were tried with this very draft, against what decides now."""
    return bool(draft.past_run.get("finished")) and draft.past_run.get("against") == now


def shown(draft: companies.Draft) -> RunShown | None:
    """What the page tells; None when nothing has been run since the last change."""
    run = draft.past_run
    if not run:
        return None
    return RunShown(
        done=run["done"],
        total=max(run["total"], run["done"]),
        changed=run["changed"],
        is_finished=run["finished"],
        moves=tuple(_move(move, many) for move, many in sorted(run["moves"].items())),
        sums=tuple(
            f"Granted at once: {spoken(minor, currency)}, now {spoken(run['old'].get(currency, 0), currency)}"
            for currency, minor in sorted(run["new"].items())
            if currency != "XXX"
        ),
        examples=tuple((case, _move(f"{old}>{new}", 1)) for case, old, new, _, _ in run["examples"]),
    )


def _begun(merchant_id: UUID, against: int, at: datetime) -> dict[str, Any]:
    since = at - SINCE
    total = cases.count_facts_since(merchant_id=merchant_id, since=since)
    begun: dict[str, Any] = {"against": against, "since": since.isoformat(), "total": total, "done": 0, "changed": 0}
    return {**begun, "after": "", "finished": False, "moves": {}, "old": {}, "new": {}, "examples": []}


def _added(before: dict[str, int], more: dict[str, int]) -> dict[str, int]:
    return {currency: before.get(currency, 0) + more.get(currency, 0) for currency in {*before, *more}}


def _move(move: str, many: int) -> str:
    old, _, new = move.partition(">")
    if old == new:
        words = f"{OUTCOMES[old]} as now, but for other money, reasons or questions"
    else:
        words = f"{OUTCOMES[new]} instead of {OUTCOMES[old]}"
    return f"{many} {words}" if many > 1 else words
