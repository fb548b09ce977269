"""The page on which the people of a company read their refund policy."""

import re

import pytest

from tests.refunds.asking import ask


@pytest.fixture
def at_desk(sits_down):
    return lambda name, role: sits_down(name, role).opens("/staff/policy")


def test_a_company_without_a_policy_reads_the_default_tables(at_desk):
    mara = at_desk("Mara", "manager")

    assert "You have not written a policy of your own yet" in mara.page
    for words in ("May it come back?", "How long may one ask?", "Electronics: 14 days", "What is kept, what is added?"):
        assert words in mara.page


def test_versions_are_told_with_who_and_why_and_can_be_read(at_desk, shop):
    from recoup.merchants import actions
    from recoup.refunds.policy import read_policy
    from recoup.refunds.policy.templates import TEMPLATES

    mara = at_desk("Mara", "manager")
    for name, note in (("generous", "For the holidays"), ("careful", "They are over")):
        document = TEMPLATES[name].document()
        actions.decide_by_policy(
            merchant_id=shop.id,
            document=document,
            content_hash=read_policy(document).sha256,
            note=note,
            by=f"person:{mara.id}",
            at=shop.now,
        )

    mara.opens("/staff/policy")
    assert "Version 2 decides now." in mara.page
    assert mara.page.count("Mara, ") >= 2
    assert "For the holidays" in mara.page
    assert "They are over" in mara.page

    mara.opens("/staff/policy?version=1")
    assert "Version 1. It does not decide now." in mara.page
    assert "days: <strong>100</strong>" in mara.page
    for nothing in ("7", "x", "-1", "9999999"):
        assert mara.opens(f"/staff/policy?version={nothing}").response.status_code == 404


@pytest.mark.parametrize(
    ("role", "reads"), [("auditor", True), ("support", True), ("reviewer", True), ("booth", False)]
)
def test_who_decides_and_who_answers_callers_reads_it_too(at_desk, role, reads):
    assert (at_desk("Kim", role).response.status_code == 200) is reads


def test_it_is_read_in_a_few_questions(at_desk):
    mara = at_desk("Mara", "manager")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        mara.opens("/staff/policy")
    assert len(asked) <= 25


HERE = "/staff/policy/draft"


@pytest.fixture
def mara(at_desk):
    """She begins a draft from what decides now."""
    mara = at_desk("Mara", "manager")
    assert "From what decides now" in mara.opens(HERE).page
    mara.revision = 0

    def does(deed, **told):
        mara.sends(HERE, deed=deed, **{"revision": str(mara.revision), **told})
        if found := re.search(r'name="revision" value="(\d+)"', mara.page):
            mara.revision = int(found[1])
        return mara

    mara.does = does
    return does("begin", **{"from": "now"})


def rows(mara, table="window"):
    mara.opens(f"{HERE}?table={table}")
    return re.findall(rf'id="row-{table}-([\w-]+)"', mara.page)


def test_rows_are_added_changed_moved_and_taken_away(mara):
    mara.does(
        "row", table="window", words="Toys", **{"cell-category": "toys", "cell-days": "9", "cell-counts_from": "placed"}
    )
    assert "Kept in the draft" in mara.page
    assert rows(mara)[:2] == ["toys", "fresh_food"]

    mara.does("down", table="window", row="toys")
    assert rows(mara)[:2] == ["fresh_food", "toys"]
    assert 'value="9"' in mara.opens(f"{HERE}?table=window&row=toys").page
    mara.does(
        "row", table="window", row="toys", **{"cell-category": "toys", "cell-days": "8", "cell-counts_from": "placed"}
    )
    assert "days: <strong>8</strong>" in mara.page

    mara.does("remove", table="window", row="toys")
    assert "toys" not in rows(mara)
    mara.does("question", table="window", field="country")
    assert "When country" in mara.page


def test_what_would_not_be_a_policy_is_said_and_the_draft_stays(mara):
    before = rows(mara)

    mara.does("row", table="window", words="Toys", **{"cell-category": "toys", "cell-days": "soon"})
    assert mara.response.status_code == 422
    assert "This would not be a policy" in mara.page
    assert 'value="soon"' in mara.page
    mara.does("up", table="window", row="usual")
    assert "never reached" in mara.page

    assert rows(mara) == before


def test_a_colleague_s_change_is_not_overwritten(mara):
    seen = mara.revision
    mara.does("remove", table="window", row="clothing")
    mara.does("remove", table="window", row="electronics", revision=str(seen))

    assert mara.response.status_code == 409
    assert "electronics" in rows(mara)


def test_a_case_is_tried_beside_the_table(mara):
    asked = "try-reason=changed_mind&try-amount=25&try-days=40&try-kind=goods&try-country=SG&try-photos=0"
    mara.opens(f"{HERE}?table=window&{asked}")
    assert "It would be rejected" in mara.page
    assert "window.usual" in mara.page

    mara.does("row", table="window", row="usual", **{"cell-days": "60", "cell-counts_from": "delivered"})
    mara.opens(f"{HERE}?table=window&{asked}")
    assert "It would be approved" in mara.page
    assert mara.opens(f"{HERE}?{asked.replace('=SG', '=Singapore')}").response.status_code == 422


def test_it_decides_once_past_cases_were_tried_and_with_a_reason_and_goes_back(mara, shop):
    from recoup.merchants import queries

    assert mara.opens("/staff/policy/enable").response.status_code == 409
    assert mara.sends(HERE, deed="row", table="window", words="\0").response.status_code == 400
    mara.does("row", table="window", row="usual", **{"cell-days": "77", "cell-counts_from": "delivered"})
    assert "First run it over past cases" in mara.page
    mara.does("run")
    assert "None would be answered differently" in mara.page
    mara.opens("/staff/policy/enable")
    mara.sends("/staff/policy/enable", revision=str(mara.revision), note=" ")
    assert mara.response.status_code == 422
    assert queries.policy_now(merchant_id=shop.id).number == 0

    mara.sends("/staff/policy/enable", revision=str(mara.revision), note="Two months are fairer")

    assert "This policy decides from now on" in mara.page
    assert "Two months are fairer" in mara.page
    assert queries.policy_draft(merchant_id=shop.id) is None
    mara.opens("/staff/policy?version=0")
    assert "Go back to the default tables" in mara.page
    mara.sends("/staff/policy/enable", version="0", note="Too dear")
    assert "Version 2 decides now." in mara.page
    assert "days: <strong>77</strong>" not in mara.page


def test_past_cases_are_decided_again_and_nothing_is_changed(mara, shop):
    from recoup.refunds import queries

    case = ask(shop, shop.order(("mug", 1, 300)))
    mara.does("row", table="thresholds", row="cheap", **{"cell-ask": "person", "cell-code": "needs_look"})
    mara.does("run")

    assert "1 of 1 cases" in mara.page
    assert case.number in mara.page
    assert "left to a person instead of approved" in mara.page
    assert queries.case_by_id(merchant_id=shop.id, case_id=case.id).state == case.state


@pytest.mark.parametrize("role", ["auditor", "support", "reviewer"])
def test_others_look_and_change_nothing(at_desk, role):
    kim = at_desk("Kim", role)
    assert HERE not in kim.page
    for path in (HERE, "/staff/policy/enable"):
        assert kim.opens(path).response.status_code == 403
        assert kim.sends(path, deed="begin", note="Mine").response.status_code == 403


def test_a_draft_can_begin_from_a_template_and_be_thrown_away(mara):
    mara.does("drop")
    assert "The draft is gone" in mara.page
    assert mara.opens("/staff/policy/enable").path == HERE
    mara.does("begin", revision="0", **{"from": "generous"})
    assert "days: <strong>100</strong>" in mara.page
    for deed, table in (("nothing", "window"), ("up", "nowhere")):
        assert mara.sends(HERE, deed=deed, table=table, row="usual").response.status_code in (400, 404)
