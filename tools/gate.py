"""Run the checks of Recoup one after another, cheap ones first, and say at the end what failed and what took long.

`bin/test` calls this inside the environment that it made. A step fails when its command does, when what it needs is
missing, or when it ran no test: nothing is skipped in silence.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools import browser, nginx, pages

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

#: Strictly typed: where the money is decided, counted and moved.
STRICT = ("src/recoup/kernel", "src/recoup/ledger", "src/recoup/payments", "src/recoup/refunds", "src/recoup_vault")
QUICK = "not slow and not journey and not docs and not migrations and not proof"
INTEGRATION = "not journey and not docs and not migrations and not proof"


class Missing(Exception):
    """A step cannot run because what it checks or needs is not there."""


@dataclass(frozen=True)
class Step:
    """One check: what it is called, what it is for, and how it runs (True: it holds)."""

    name: str
    purpose: str
    run: Callable[[], bool]
    in_fast: bool = False
    in_full: bool = True


@dataclass(frozen=True)
class Outcome:
    step: Step
    verdict: str
    seconds: float


def steps() -> list[Step]:
    """All steps, in the order they run."""
    return [
        Step("format", "every file is formatted", lambda: _tool("ruff", "format", "--check", "."), in_fast=True),
        Step("style", "the linter finds nothing", lambda: _tool("ruff", "check", "."), in_fast=True),
        Step("house", "the house rules hold", lambda: _python("-m", "tools.lints"), in_fast=True),
        Step("pages", "README, CHANGELOG and links are in order", lambda: pages.report(ROOT), in_fast=True),
        Step("arrows", "imports point down", lambda: _tool("lint-imports", "--no-logo"), in_fast=True),
        Step("types", "types hold, strictly near money", _types, in_fast=True),
        Step("quick", "tests that take no second each", lambda: _pytest("-m", QUICK), in_fast=True, in_full=False),
        Step("migrations", "migrations are complete, linear and safe", lambda: _pytest("tests/migrations")),
        Step("tests", "unit and integration tests", _tests),
        Step("journeys", "people's ways through the pages, in a browser", _journeys),
        Step("docs", "what the pages say happens", lambda: _pytest("tests/docs")),
        Step("proofs", "no accident loses money, no attack gets in (short form)", _proofs),
    ]


def _types() -> bool:
    """Strict where money is; the same settings, reported apart, for the rest (see pyproject.toml)."""
    missing = [place for place in (*STRICT, "clients/python/src") if not (ROOT / place).is_dir()]
    if missing:
        raise Missing(", ".join(missing))
    client = ROOT / "clients" / "python"
    of_client = _tool("mypy", "--config-file", str(client / "pyproject.toml"), str(client / "src"))
    return _tool("mypy", "src", "tools") and of_client


def _tests() -> bool:
    try:
        nginx.ensure()
    except nginx.NoNginx as reason:
        print(f"left out: tests/house/test_proxy.py ({reason})", flush=True)
    return _pytest("-m", INTEGRATION)


def _journeys() -> bool:
    try:
        browser.ensure()
    except browser.NoBrowser as refusal:
        raise Missing(str(refusal)) from refusal
    return _pytest("tests/journeys")


def _proofs() -> bool:
    program = ROOT / "bin" / "proofs"
    if not program.exists():
        raise Missing("bin/proofs")
    return _run(str(program), "--short", "--json") and _run(str(program), "attacks", "--short", "--built", "--json")


def _pytest(*arguments: str) -> bool:
    folders = [argument for argument in arguments if argument.startswith("tests/")]
    missing = [folder for folder in folders if not any((ROOT / folder).rglob("test_*.py"))]
    if missing:
        raise Missing(", ".join(missing))
    return _python("-m", "pytest", *arguments)


def _python(*arguments: str) -> bool:
    return _run(sys.executable, *arguments)


def _tool(name: str, *arguments: str) -> bool:
    return _run(str(BIN / name), *arguments)


def _run(*command: str) -> bool:
    return subprocess.run(command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL).returncode == 0


def run(chosen: list[Step]) -> int:
    """Run the steps to the end, whatever fails; print the summary; 0 when all held."""
    outcomes = []
    for number, step in enumerate(chosen, start=1):
        print(f"\n── {number}/{len(chosen)} {step.name}: {step.purpose}", flush=True)
        outcomes.append(_outcome(step))
    failed = [outcome for outcome in outcomes if outcome.verdict != "ok"]
    print("\n── summary")
    for outcome in outcomes:
        print(f"{outcome.verdict:>8}  {outcome.seconds:7.1f} s  {outcome.step.name}")
    total = sum(outcome.seconds for outcome in outcomes)
    names = ", ".join(outcome.step.name for outcome in failed)
    print(f"{'failed' if failed else 'ok':>8}  {total:7.1f} s  in all{': ' + names if failed else ''}", flush=True)
    return 1 if failed else 0


def _outcome(step: Step) -> Outcome:
    started = time.monotonic()
    try:
        verdict = "ok" if step.run() else "failed"
    except Missing as missing:
        print(f"missing: {missing}", flush=True)
        verdict = "missing"
    seconds = time.monotonic() - started
    print(f"── {step.name}: {verdict} after {seconds:.1f} s", flush=True)
    return Outcome(step, verdict, seconds)


def fix() -> int:
    """Format everything and mend what the linter can mend by itself."""
    mended = _tool("ruff", "check", "--fix", "--quiet", ".")
    return 0 if _tool("ruff", "format", ".") and mended else 1


def main(arguments: list[str]) -> int:
    """See bin/test for the words that are understood."""
    word, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    every = steps()
    if word in {"", "all"} and not rest:
        return run([step for step in every if step.in_full])
    if word == "fast" and not rest:
        return run([step for step in every if step.in_fast])
    if word == "only" and rest:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *rest])  # noqa: S606 - no shell is meant
    if word == "step" and rest and {step.name for step in every} >= set(rest):
        return run([step for step in every if step.name in rest])
    if word == "steps":
        print("\n".join(f"{step.name:<11} {step.purpose}" for step in every))
        return 0
    if word == "fix":
        return fix()
    print("usage: bin/test [fast | only PYTEST-ARGUMENTS | step NAME... | steps | fix]", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
