"""The rig sees what it must see."""

from proofs import crash_names
from proofs.rig import Finding


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
