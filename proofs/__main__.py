"""`bin/proofs [NAME] [--rounds N] [--short] --json`: every line is one test; the last one has the figures of all."""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks import shop
from proofs import controls, crashes, doorbell, hooks, provider_faults, races
from proofs.rig import PROJECT, Finding, Rig
from recoup.config.private_house import PrivateHouse
from recoup.config.roster import PROGRAMS, Program

SMALL_ROUNDS, ROUNDS = 3, 20

Test = Callable[[Rig, int], Finding]

#: In the order they are run, one house for all. What restarts programs comes last.
TESTS: dict[str, Test] = {
    "F-03": lambda rig, rounds: provider_faults.accepts_and_says_nothing(rig, rounds=rounds),
    "F-04": lambda rig, rounds: provider_faults.executes_and_answers_500(rig, rounds=rounds),
    "F-05": lambda rig, rounds: provider_faults.forgets_the_key(rig, rounds=rounds),
    "F-08": lambda rig, rounds: hooks.each_event_many_times(rig, rounds=rounds),
    "F-09": lambda rig, rounds: hooks.in_any_order(rig, rounds=min(rounds, 6)),
    "F-10": lambda rig, rounds: hooks.before_the_answer(rig, rounds=rounds),
    "F-21": lambda rig, rounds: races.partial_refunds(rig, rounds=rounds),
    "F-23": lambda rig, rounds: doorbell.lost_wake_up(rig, rounds=rounds),
    "controls": lambda rig, rounds: controls.database_controls(rig),
    "F-02": lambda rig, rounds: crashes.web_dies_before_it_answers(rig, rounds=rounds),
    "F-14": lambda rig, rounds: crashes.database_restarts(rig, times=max(1, rounds // 2), orders=10),
    "F-01": lambda rig, rounds: crashes.kill_at_each_point(rig, times=max(1, rounds // 3), orders=16),
}
SHORT = ("F-03", "F-04", "F-08", "F-21", "F-23", "controls", "F-02", "F-01")
KEY_CONTROL = "control-random-key"


def main(argv: list[str] | None = None) -> int:
    """0 when nothing was lost or doubled, every invariant holds and every control failed as it must."""
    parser = argparse.ArgumentParser(prog="bin/proofs", description=__doc__)
    parser.add_argument("name", nargs="?", choices=[*TESTS, KEY_CONTROL], metavar="NAME", help=", ".join(TESTS))
    parser.add_argument("--rounds", type=int, help="how often each fault is made")
    parser.add_argument("--short", action="store_true", help="the form that the gate runs")
    parser.add_argument("--json", action="store_true", help="taken for granted: every line is a JSON object")
    arguments = parser.parse_args(argv)
    rounds = arguments.rounds or (SMALL_ROUNDS if arguments.short else ROUNDS)
    names = [arguments.name] if arguments.name else [*(SHORT if arguments.short else TESTS), KEY_CONTROL]
    findings = []
    for finding in _run(names, rounds):
        findings.append(finding)
        print(finding.line(), flush=True)
    if arguments.name is None:
        print(_sum(findings).line(), flush=True)
    return 0 if all(finding.is_well for finding in findings) else 1


def _run(names: list[str], rounds: int) -> Iterator[Finding]:
    here = [name for name in names if name in TESTS]
    if here:
        with _rig(rounds) as rig:
            for name in here:
                yield _guarded(name, lambda name=name: TESTS[name](rig, rounds))  # type: ignore[misc]
    if names == [KEY_CONTROL]:
        with _rig(rounds, vault="proofs.broken.vault_random_key") as rig:
            yield _guarded(KEY_CONTROL, lambda: controls.random_key(rig, rounds=rounds))
    elif KEY_CONTROL in names:
        yield _in_its_own_process(rounds)


def _in_its_own_process(rounds: int) -> Finding:
    """A process is set up for one house; the house of the broken vault needs another."""
    command = [sys.executable, "-m", "proofs", KEY_CONTROL, "--rounds", str(rounds), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, check=False)
    try:
        told = json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return Finding(KEY_CONTROL, controls=1, broken=[f"it said nothing: {done.stderr[-400:]}"])
    return Finding(**told, controls=1)


def _guarded(name: str, test: Callable[[], Finding]) -> Finding:
    """A test that broke off is a test that failed."""
    try:
        return dataclasses.replace(test(), name=name)
    except Exception as problem:  # noqa: BLE001 - it is told, and fails the run
        return Finding(name, broken=[f"{type(problem).__name__}: {problem}"[:500]])


@contextmanager
def _rig(rounds: int, *, vault: str | None = None) -> Iterator[Rig]:
    roster = dict(PROGRAMS)
    if vault is not None:
        roster["vault"] = Program(command=("-m", vault), rank=PROGRAMS["vault"].rank, stop_seconds=20.0)
    with PrivateHouse(
        roster=roster,
        copies={"vault": 2, "worker": 2},
        settings={"PYTHONPATH": str(PROJECT)},
    ) as house:
        shop.enter(house)
        yield Rig(house, orders=rounds * 40 + 800)


def _sum(findings: list[Finding]) -> Finding:
    total = Finding("all")
    for one in findings:
        for name in ("refunds", "kills", "lost", "double_payments", "controls", "controls_failed_as_they_must"):
            setattr(total, name, getattr(total, name) + getattr(one, name))
        total.worst_recovery_s = max(total.worst_recovery_s, one.worst_recovery_s)
        total.broken += [f"{one.name}: {words}" for words in one.broken]
    return total


if __name__ == "__main__":
    sys.exit(main())
