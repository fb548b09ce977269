"""Approved is not sent is not in the account: the words and the four clocks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recoup.refunds.states import CaseState
from recoup.web.shopper import reasons, standing

pytestmark = pytest.mark.usefixtures("database")
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
ASKED = standing.Facts(
    state=CaseState.IN_REVIEW,
    company="Kopi Corner",
    explanation="",
    requested_at=NOON,
    decided_at=None,
    initiated_at=None,
    credited_at=None,
    expected="",
    has_failed=False,
    is_granted=False,
)
APPROVED = replace(
    ASKED, state=CaseState.APPROVED, is_granted=True, decided_at=NOON, expected="between 27 Nov and 4 Dec"
)
SENT = replace(APPROVED, initiated_at=NOON + timedelta(seconds=3))
CREDITED = replace(SENT, state=CaseState.CLOSED, credited_at=NOON + timedelta(days=6))


def standings(facts):
    return [clock.standing for clock in standing.clocks(facts)]


@pytest.mark.parametrize(
    ("facts", "heading", "clocks"),
    [
        (ASKED, "A person is looking at it", ["done", "now", "later", "later"]),
        (APPROVED, "Approved. Your money is being sent", ["done", "done", "now", "later"]),
        (SENT, "Your money is on its way", ["done", "done", "done", "now"]),
        (replace(SENT, state=CaseState.CLOSED), "Your money is on its way", ["done", "done", "done", "now"]),
        (CREDITED, "Your refund is complete", ["done", "done", "done", "done"]),
        (
            replace(SENT, state=CaseState.IN_REVIEW, has_failed=True),
            "The payment did not go through",
            ["done", "done", "now", "later"],
        ),
        (
            replace(ASKED, state=CaseState.REJECTED, decided_at=NOON),
            "We cannot approve this refund",
            ["done", "done", "off", "off"],
        ),
        (replace(ASKED, state=CaseState.WITHDRAWN), "You withdrew this request", ["done", "off", "off", "off"]),
    ],
)
def test_each_standing_has_its_words_and_clocks(facts, heading, clocks):
    assert standing.headline(facts)[0] == heading
    assert standings(facts) == clocks


@pytest.mark.parametrize("state", CaseState)
def test_every_state_has_words(state):
    heading, words = standing.headline(replace(ASKED, state=state))

    assert heading
    assert "{" not in heading + words


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("The lid was CRACKED when I opened it", "damaged"),
        ("It doesn\N{RIGHT SINGLE QUOTATION MARK}t work any more", "defective"),
        ("my parcel never came", "not_arrived"),
        ("I don't want it", "changed_mind"),
        ("It tastes odd", "other"),
    ],
)
def test_words_suggest_a_reason(words, reason):
    assert reasons.understood(words) == reason


def test_every_reason_can_be_picked():
    from recoup.refunds.policy.reasons import Reason

    picked = {preset.code for preset in [*reasons.common(""), *reasons.rare("")]}
    assert picked == {reason.value for reason in Reason}
    assert len(reasons.common("")) <= 6
