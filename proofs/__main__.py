"""`bin/proofs [NAME...] [--rounds N] [--workers N] [--refunds N] [--short] --json`: every line is one test.

`bin/proofs attacks` is a program of its own (proofs/attacks).

The last line is the test that was asked for, or all of them together. What a broken build leaves behind would break
the invariants of the tests after it, so every test has its turn first and the controls come after them.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks import shop
from proofs import controls, crashes, doorbell, hooks, poison, provider_faults, races, zombies
from proofs.attacks import program as attacks
from proofs.finding import Finding, together
from proofs.rig import PROJECT, Rig
from recoup.config.private_house import PrivateHouse
from recoup.config.roster import PROGRAMS
from recoup.config.supervisor import Patience

#: A program that sleeps on purpose is left alone by the supervisor for longer than any lease.
PATIENCE = Patience(restart_seconds_max=0.2, beat_seconds_max=90.0)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is done: each fault so often, refunds in the random campaign, racing threads on each side."""

    rounds: int = 20
    workers: int = 2
    refunds: int = 200
    threads: int = 16
    in_hurry: bool = False

    @property
    def often(self) -> int:
        """How often the faults that cost the most time are made."""
        return 1 if self.in_hurry else self.rounds


SHORT = Scale(rounds=2, refunds=0, threads=8, in_hurry=True)
Test = Callable[[Rig, Scale], Finding]

#: In the order they are run, one house for all. What restarts the database comes last.
TESTS: dict[str, Test] = {
    "F-03": lambda rig, scale: provider_faults.accepts_and_says_nothing(rig, rounds=scale.rounds),
    "F-04": lambda rig, scale: provider_faults.executes_and_answers_500(rig, rounds=scale.rounds),
    "F-05": lambda rig, scale: provider_faults.forgets_the_key(rig, rounds=scale.rounds),
    "F-06": lambda rig, scale: zombies.wakes_after_its_lease(rig, rounds=max(1, scale.rounds // 10)),
    "F-07": lambda rig, scale: zombies.old_success_in_a_new_attempt(rig, rounds=max(1, scale.rounds // 5)),
    "F-08": lambda rig, scale: hooks.each_event_many_times(rig, rounds=scale.rounds),
    "F-09": lambda rig, scale: hooks.in_any_order(rig, orders=min(24, 3 * scale.rounds)),
    "F-10": lambda rig, scale: hooks.before_the_answer(rig, rounds=scale.rounds),
    "F-20": lambda rig, scale: races.two_agents_decide(rig, rounds=scale.rounds, threads=scale.threads),
    "F-21": lambda rig, scale: races.partial_refunds(rig, rounds=scale.rounds, threads=scale.threads),
    "F-22": lambda rig, scale: poison.poison(rig, rounds=1),
    "F-23": lambda rig, scale: doorbell.lost_wake_up(rig, rounds=scale.rounds),
    "F-02": lambda rig, scale: crashes.web_dies_before_it_answers(rig, rounds=scale.rounds),
    "F-01": lambda rig, scale: crashes.kill_at_each_point(rig, times=scale.often, refunds=scale.refunds),
    "F-14": lambda rig, scale: crashes.database_restarts(rig, times=scale.often),
}
#: Builds broken on purpose, and the walls of the database. Those that belong to a test are run with it.
CONTROLS: dict[str, Test] = {
    "controls": lambda rig, scale: controls.walls(rig),
    "F-01": lambda rig, scale: controls.keys(rig, rounds=min(3, scale.rounds)),
    "F-07": lambda rig, scale: zombies.control_without_fence(rig),
    "F-08": lambda rig, scale: hooks.control_without_deduplication(rig),
    "F-21": lambda rig, scale: races.control_sum_check(rig),
}
NAMES = (*TESTS, *(name for name in CONTROLS if name not in TESTS))
INVARIANTS = "I1-I7"


def main(argv: list[str] | None = None) -> int:
    """0 when nothing was lost or doubled, every invariant holds and every control failed as it must."""
    told = sys.argv[1:] if argv is None else argv
    if told[:1] == ["attacks"]:
        return attacks.main(told[1:])
    parser = argparse.ArgumentParser(prog="bin/proofs", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all of them, or some of {', '.join(NAMES)}")
    parser.add_argument("--rounds", type=_positive, help="how often each fault is made")
    parser.add_argument("--workers", type=_positive, help="how many workers and how many vaults there are (2 or more)")
    parser.add_argument("--refunds", type=_positive, help="how many refunds F-01's random campaign has")
    parser.add_argument("--threads", type=_positive, help="how many race in F-20 and F-21")
    parser.add_argument("--short", action="store_true", help="the form that the gate runs")
    parser.add_argument("--json", action="store_true", help="taken for granted: every line is a JSON object")
    arguments = parser.parse_args(told)
    scaled = {field.name: getattr(arguments, field.name, None) for field in dataclasses.fields(Scale)}
    scale = dataclasses.replace(
        SHORT if arguments.short else Scale(), **{name: value for name, value in scaled.items() if value is not None}
    )
    names = arguments.names or list(NAMES)
    if unknown := set(names) - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    findings = []
    with _rig(scale) as rig:
        for finding in _run(rig, names, scale):
            findings.append(finding)
            print(finding.line(), flush=True)
    print(together(" ".join(arguments.names) or "all", findings).line(), flush=True)
    return 0 if all(finding.is_well for finding in findings) else 1


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _run(rig: Rig, names: list[str], scale: Scale) -> Iterator[Finding]:
    for name in names:
        if name in TESTS:
            yield _guarded(name, TESTS[name], rig, scale)
    if scale.in_hurry:
        yield _guarded(INVARIANTS, _invariants, rig, scale)
    for name, control in CONTROLS.items():
        if name in names:
            yield _guarded(f"{name} control" if name in TESTS else name, control, rig, scale)


def _invariants(rig: Rig, scale: Scale) -> Finding:
    finding = Finding(INVARIANTS)
    rig.check_invariants(finding)
    return finding


def _guarded(name: str, test: Test, rig: Rig, scale: Scale) -> Finding:
    """A test that broke off is a test that failed. How long it took is told beside the figures."""
    began = time.monotonic()
    try:
        return dataclasses.replace(test(rig, scale), name=name)
    except Exception as problem:  # noqa: BLE001 - it is told, and fails the run
        return Finding(name, broken=[f"{type(problem).__name__}: {problem}"[:500]])
    finally:
        print(f"{name} took {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)


@contextmanager
def _rig(scale: Scale) -> Iterator[Rig]:
    roster = dict(PROGRAMS)
    workers = max(2, scale.workers)
    with PrivateHouse(
        roster=roster,
        copies={"vault": workers, "worker": workers},
        settings={"PYTHONPATH": f"{PROJECT}:{PROJECT / 'src'}"},
        patience=PATIENCE,
    ) as house:
        shop.enter(house)
        rig = Rig(
            house,
            roster,
            workers=workers,
            orders=scale.rounds * 120 + scale.refunds + 1500,
            rare_orders=2 * scale.rounds + 10,
            in_hurry=scale.in_hurry,
        )
        try:
            yield rig
        finally:
            rig.leave()


if __name__ == "__main__":
    sys.exit(main())
