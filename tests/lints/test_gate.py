"""The gate goes on to the end, and nothing that failed or was missing looks as if it had passed."""

import pytest

from tools import browser, environment, gate, nginx


def _step(name, verdict):
    def run():
        if verdict == "missing":
            raise gate.Missing("bin/proofs")
        return verdict == "ok"

    return gate.Step(name, "a check", run)


def test_when_all_holds_the_gate_is_open(capsys):
    assert gate.run([_step("style", "ok"), _step("types", "ok")]) == 0
    assert "in all" in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize("verdict", ["failed", "missing"])
def test_one_step_that_does_not_hold_closes_the_gate_after_the_others_ran(capsys, verdict):
    assert gate.run([_step("style", verdict), _step("types", "ok")]) == 1

    said = capsys.readouterr().out
    assert "types: ok" in said
    assert said.splitlines()[-1].endswith("in all: style")
    assert f"{verdict:>8}" in said


def test_every_step_has_a_name_of_its_own_and_fast_is_part_of_the_whole():
    steps = gate.steps()

    assert len({step.name for step in steps}) == len(steps)
    assert {step.name for step in steps if step.in_fast} - {"quick"} <= {step.name for step in steps if step.in_full}


def test_a_folder_without_tests_is_missing_not_passed():
    with pytest.raises(gate.Missing, match="tests/nowhere"):
        gate._pytest("tests/nowhere")


@pytest.mark.parametrize("words", [["fats"], ["fast", "more"], ["step"], ["step", "nothing"], ["only"]])
def test_a_word_that_is_not_understood_runs_nothing(capsys, words):
    assert gate.main(words) == 2
    assert "usage" in capsys.readouterr().err


def test_the_environment_is_made_again_when_a_lock_file_changes(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(environment, "PROJECT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "_make", lambda lock_file: made.append(lock_file.read_text()))
    (tmp_path / "requirements").mkdir()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    for locked in ("django==5.2.1", "django==5.2.1", "django==5.2.2"):
        (tmp_path / "requirements" / "run.lock").write_text(locked)
        environment.ensure(kind="run")

    assert made == ["django==5.2.1", "django==5.2.2"]


def test_without_a_browser_the_journeys_say_what_to_install(monkeypatch):
    monkeypatch.setenv("RECOUP_CHROMIUM", "/nowhere/chromium")

    with pytest.raises(browser.NoBrowser, match="apt-get install chromium"):
        browser.ensure()
    (journeys,) = (step for step in gate.steps() if step.name == "journeys")
    with pytest.raises(gate.Missing, match="apt-get install chromium"):
        journeys.run()


def test_without_an_nginx_the_gate_names_what_it_leaves_out(monkeypatch, capsys):
    monkeypatch.setattr(nginx.shutil, "which", lambda _: None)
    monkeypatch.setattr(gate, "_pytest", lambda *_: True)
    (tests,) = (step for step in gate.steps() if step.name == "tests")

    assert tests.run()
    assert "left out: tests/house/test_proxy.py (no nginx" in capsys.readouterr().out
