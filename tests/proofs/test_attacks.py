"""The harness of the attacks cannot hide anything."""

import json

import pytest

from proofs.attacks import program, seen
from proofs.attacks.seen import NotApplicable, Seen


def test_every_module_belongs_to_a_row_of_the_list():
    assert set(program.modules()) <= set(program.ROWS)


def test_a_row_without_a_module_fails_by_name(monkeypatch):
    monkeypatch.setattr(program, "modules", dict)

    row = program.attack(None, "A-01")

    assert not row.has_passed
    assert row.findings[0].startswith("not built")


def test_a_row_without_a_control_fails(monkeypatch):
    row = _run(monkeypatch, lambda ground, row: row.expect(True, "fine"))

    assert row.findings == ["the row has no control"]


def test_a_control_that_holds_fails_the_row(monkeypatch):
    row = _run(monkeypatch, lambda ground, row: row.control(False, "no wall at all"))

    assert row.findings == ["control passed although it is broken: no wall at all"]


def test_an_attack_that_broke_off_has_failed(monkeypatch):
    def breaks(ground, row):
        raise RuntimeError("the door did not open")

    assert _run(monkeypatch, breaks).findings == ["RuntimeError: the door did not open"]


def test_what_does_not_apply_is_told_with_its_reason(monkeypatch):
    def cannot(ground, row):
        raise NotApplicable("no nginx here")

    last = json.loads(seen.together([_run(monkeypatch, cannot)], not_built=["A-02"]))

    assert last == {
        "run": 1,
        "passed": 0,
        "failed": 0,
        "not_applicable": 1,
        "reasons": {"A-01": "no nginx here"},
        "not_built": ["A-02"],
    }


def test_a_name_that_is_on_no_list_is_refused():
    with pytest.raises(SystemExit):
        program.main(["A-99"])


def _run(monkeypatch, attack) -> Seen:
    class Module:
        TITLE = "Of this test"
        run = staticmethod(attack)

    monkeypatch.setattr(program, "modules", lambda: {"A-01": "a module"})
    monkeypatch.setattr(program.importlib, "import_module", lambda _name: Module)
    return program.attack(None, "A-01")


def test_what_a_machine_cannot_try_is_named_in_the_rows_line(monkeypatch):
    import json

    from proofs.attacks import a_11_other_sites, a_30_headers
    from proofs.attacks.seen import Seen
    from tools import browser

    monkeypatch.setattr(browser, "find", lambda: None)
    for module, nothing in ((a_11_other_sites, (None, None)), (a_30_headers, (None,))):
        seen = Seen(module.NAME, module.TITLE)
        module._in_a_browser(None, seen, *nothing)
        assert "no Chromium" in json.loads(seen.line())["left_out"][0]
