"""The rig sees what it must see."""

import json

import pytest

from proofs import crash_names
from proofs.__main__ import CONTROLS, NAMES, main
from proofs.finding import Finding, together


def test_every_crash_point_belongs_to_a_program() -> None:
    names = crash_names.all_names()
    assert {"vault_after_claim", "web_after_commit", "answers_before_commit"} <= names
    assert {crash_names.program_of(name) for name in names} == {"vault", "web", "worker"}


def test_a_control_that_passes_fails_the_run() -> None:
    finding = Finding("F")
    finding.control(failed=False, words="no fence")
    assert not finding.is_well


def test_a_control_that_fails_is_as_it_must_be() -> None:
    finding = Finding("F")
    finding.control(failed=True, words="no fence")
    assert finding.is_well
    assert '"controls_failed_as_they_must": 1' in finding.line()


def test_one_lost_refund_fails_the_run() -> None:
    assert not Finding("F", lost=1).is_well
    assert not Finding("F", double_payments=1).is_well


def test_the_sum_has_exactly_the_published_figures_and_the_worst_recovery() -> None:
    first = Finding("F-03", refunds=2, worst_recovery_s=3.0)
    second = Finding("F-07", refunds=1, kills=4, worst_recovery_s=1.5, controls=1, controls_failed_as_they_must=1)
    assert json.loads(together("all", [first, second]).line()) == {
        "name": "all",
        "refunds": 3,
        "kills": 4,
        "lost": 0,
        "double_payments": 0,
        "worst_recovery_s": 3.0,
        "controls_failed_as_they_must": 1,
    }


def test_what_is_broken_in_one_test_is_told_in_the_sum() -> None:
    broken = Finding("F-06")
    broken.expect(False, "the zombie wrote something")
    total = together("all", [Finding("F-03"), broken])
    assert not total.is_well
    assert total.broken == ["F-06: the zombie wrote something"]


def test_every_fault_test_of_the_engine_and_its_controls_can_be_asked_for() -> None:
    engine = {f"F-{number:02}" for number in (*range(1, 11), 14, 20, 21, 22, 23)}
    assert engine | {"controls"} == set(NAMES)
    assert {"F-01", "F-07", "F-08", "F-21", "controls"} == set(CONTROLS)


def test_a_test_that_does_not_exist_is_refused_before_anything_is_started(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["F-99"])
    assert "there is no F-99" in capsys.readouterr().err
