"""Decisions made in the past, read from disk: facts, policy document and law version must still give that verdict.

The file is never regenerated to make a test pass. When the code is to decide differently, past cases must keep their
verdict: the change belongs into a new policy version or a new law file.
"""

import json
from pathlib import Path

import pytest

from recoup.refunds.policy import Facts, Verdict, decide, floors_of, policy_from_text

GOLDEN = json.loads((Path(__file__).parent / "golden" / "2026-11.json").read_text())


@pytest.mark.parametrize("story", GOLDEN["cases"])
def test_a_past_decision_replays(story):
    stored = GOLDEN["cases"][story]
    merchant = policy_from_text(json.dumps(GOLDEN["policy"]))

    replayed = decide(
        facts=Facts.from_mapping(stored["facts"]), policy=merchant, floors=floors_of(stored["verdict"]["law_version"])
    )

    assert replayed == Verdict.from_mapping(stored["verdict"])
