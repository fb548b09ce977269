"""The page on which a company's manager says how much may be approved by whom."""

import pytest


@pytest.fixture
def at_desk(sits_down):
    """Somebody new of the shop's staff, signed in at the page; `.id` names them."""
    return lambda name, role: sits_down(name, role).opens("/staff/limits")


def now(shop):
    from recoup.merchants import queries

    return queries.approval_limits(merchant_id=shop.id, at=shop.now)


def test_a_manager_sets_limits_as_people_write_amounts(at_desk, shop):
    mara = at_desk("Mara", "manager")
    assert "Nobody has set limits" in mara.page

    mara.sends(
        "/staff/limits",
        reviewer_limit_minor="1,500",
        four_eyes_from_minor="2000.50",
        four_eyes_reasons=["other", "late"],
        four_eyes_from_risk="40",
        note="After the audit",
    )

    counts = now(shop)
    assert (counts.reviewer_limit_minor, counts.manager_limit_minor) == (150_000, None)
    assert (counts.four_eyes_from_minor, counts.four_eyes_from_risk) == (200_050, 40)
    assert counts.four_eyes_reasons == ("late", "other")
    assert "The new limits are kept" in mara.page
    assert "Reviewers alone up to S$1,500.00" in mara.page
    assert "<strong>Mara</strong>" in mara.page
    assert "After the audit" in mara.page
    assert 'value="1500.00"' in mara.page


@pytest.mark.parametrize("wrong", ["a lot", "-1", "1.234", "1e30", "NaN"])
def test_what_is_no_amount_is_said_at_the_field_and_nothing_is_set(at_desk, shop, wrong):
    mara = at_desk("Mara", "manager")

    mara.sends("/staff/limits", reviewer_limit_minor=wrong, manager_limit_minor="10")

    assert mara.response.status_code == 422
    assert 'id="id_reviewer_limit_minor_error"' in mara.page
    assert 'value="10"' in mara.page
    assert now(shop).number == 0


def test_looser_limits_are_told_to_count_later(at_desk, shop):
    mara = at_desk("Mara", "manager")
    mara.sends("/staff/limits", reviewer_limit_minor="100")
    assert "Looser limits count a day after" not in mara.page

    mara.sends("/staff/limits", reviewer_limit_minor="900")

    assert "Looser limits count a day after" in mara.page
    assert now(shop).reviewer_limit_minor == 10_000


def test_a_manager_gives_a_colleague_a_limit_of_their_own_and_nobody_themselves(at_desk, shop):
    from recoup.refunds import queries

    mara, ines = at_desk("Mara", "manager"), at_desk("Ines", "reviewer")
    mara.opens("/staff/limits")
    assert f"/staff/limits/people/{ines.id}" in mara.page
    assert f"/staff/limits/people/{mara.id}" not in mara.page

    mara.sends(f"/staff/limits/people/{ines.id}", limit="250")

    assert "Their limit is kept" in mara.page
    assert queries.limit_of(merchant_id=shop.id, by=f"person:{ines.id}", at=shop.now) == 25_000
    assert mara.sends(f"/staff/limits/people/{mara.id}", limit="9999").response.status_code == 403
    assert mara.sends(f"/staff/limits/people/{ines.id}", limit="lots").response.status_code in (400, 422)
    assert mara.sends(f"/staff/limits/people/{ines.id}", limit="").response.status_code == 200
    assert queries.limit_of(merchant_id=shop.id, by=f"person:{ines.id}", at=shop.now) is None


def test_nobody_sets_their_own_limit_at_the_counter_either(at_desk, shop):
    from recoup.identity.actions.set_approve_limit import NotYourOwnLimit, set_approve_limit
    from recoup.kernel.errors import Invalid, NotFound

    mara = at_desk("Mara", "manager")
    told = {"merchant_id": shop.id, "person_id": mara.id, "at": shop.now}

    with pytest.raises(NotYourOwnLimit):
        set_approve_limit(limit_minor=1, by=f"person:{mara.id}", **told)
    with pytest.raises(Invalid):
        set_approve_limit(limit_minor=-1, by="person:other", **told)
    with pytest.raises(NotFound):
        set_approve_limit(limit_minor=1, by="person:other", **told | {"person_id": shop.id})


@pytest.mark.parametrize(("role", "reads"), [("auditor", True), ("reviewer", False), ("support", False)])
def test_others_set_no_limits(at_desk, shop, role, reads):
    kim = at_desk("Kim", role)

    assert (kim.response.status_code == 200) is reads
    assert "Keep these limits" not in kim.page
    assert kim.sends("/staff/limits", reviewer_limit_minor="1").response.status_code == 403
    assert now(shop).number == 0


def test_another_companys_people_are_not_there(at_desk, shop):
    from recoup.kernel import ids

    mara = at_desk("Mara", "manager")

    assert mara.sends(f"/staff/limits/people/{ids.uuid7()}", limit="1").response.status_code == 404
