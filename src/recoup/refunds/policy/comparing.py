"""What another policy would have answered: the arithmetic behind `recoup policy try`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from recoup.refunds.policy.decide import decide
from recoup.refunds.policy.engine import Policy
from recoup.refunds.policy.facts import Facts
from recoup.refunds.policy.floors import Floors
from recoup.refunds.policy.verdict import Outcome, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One case that the new policy answers differently. `difference_minor` is new less old money, granted at once."""

    case: str
    currency: str
    old: Verdict
    new: Verdict

    @property
    def difference_minor(self) -> int:
        return self.new.total_minor - self.old.total_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Every case that changes, and the sums. Money is summed by currency; two currencies never meet."""

    cases: int
    changes: tuple[Change, ...]
    moves: dict[tuple[Outcome, Outcome], int]
    old_total_minor: dict[str, int]
    new_total_minor: dict[str, int]

    @property
    def unchanged(self) -> int:
        return self.cases - len(self.changes)


def compare(*, old: Policy, new: Policy, cases: Iterable[tuple[str, Facts]], floors: Floors) -> Comparison:
    """How the verdicts on these cases (name and stored facts) differ between two policies under the same law.

    A case counts as changed when the outcome, the money, the reason or what is asked for differs; another row with
    the same answer does not count.
    """
    changes: list[Change] = []
    moves: Counter[tuple[Outcome, Outcome]] = Counter()
    old_total: Counter[str] = Counter()
    new_total: Counter[str] = Counter()
    count = 0
    for case, facts in cases:
        count += 1
        before = decide(facts=facts, policy=old, floors=floors)
        after = decide(facts=facts, policy=new, floors=floors)
        moves[before.outcome, after.outcome] += 1
        old_total[facts.currency] += before.total_minor
        new_total[facts.currency] += after.total_minor
        if _answer(before) != _answer(after):
            changes.append(Change(case=case, currency=facts.currency, old=before, new=after))
    return Comparison(
        cases=count,
        changes=tuple(changes),
        moves=dict(moves),
        old_total_minor=dict(old_total),
        new_total_minor=dict(new_total),
    )


def _answer(verdict: Verdict) -> tuple[object, ...]:
    lines = tuple((line.line_id, line.outcome, line.total_minor, line.reason_code) for line in verdict.lines)
    return verdict.outcome, verdict.proposed_minor, verdict.reason_code, verdict.asks, verdict.deductions, lines
