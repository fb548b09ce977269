"""Named places where a practice build may be killed, to prove that any moment may be the last one.

`RECOUP_CRASHPOINTS="after_claim:3|before_answer:0.1"` kills the process (SIGKILL) the third time it comes past
`after_claim`, and with one chance in ten at `before_answer`. `after_claim:3:stop` freezes it there instead (SIGSTOP),
until somebody wakes it (SIGCONT): a zombie. Production settings refuse to start with it set.
"""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from pathlib import Path

_passed: Counter[str] = Counter()


def _read_plan(text: str) -> dict[str, str]:
    return dict(entry.split(":", 1) for entry in text.split("|") if entry)


_plan = _read_plan(os.environ.get("RECOUP_CRASHPOINTS", ""))
_diary = os.environ.get("RECOUP_CRASHPOINT_DIARY")


def crashpoint(name: str) -> None:
    """Die or freeze here if the plan says so. Without a plan this is one look into an empty dictionary."""
    when = _plan.get(name)
    if when is None:
        return
    _passed[name] += 1
    when, _, how = when.partition(":")
    if random.random() < float(when) if "." in when else _passed[name] == int(when):  # noqa: S311 - no secret
        if _diary:
            with Path(_diary).open("a", encoding="ascii") as diary:
                diary.write(f"{name}\n")
        os.kill(os.getpid(), signal.SIGSTOP if how == "stop" else signal.SIGKILL)
