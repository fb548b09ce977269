"""What holds for every page: headers, errors in the design, the health address, the style page in demo mode only."""

import pytest


@pytest.fixture
def quiet(browser):
    browser.raise_request_exception = False
    return browser


def test_pages_run_no_script_but_ours_and_are_not_kept(browser):
    answer = browser.get("/cases")

    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Frame-Options"] == "DENY"


def test_a_missing_page_says_what_to_do_next(browser):
    answer = browser.get("/nowhere")

    assert answer.status_code == 404
    assert "See my case" in answer.content.decode()


def test_an_unknown_shop_is_a_missing_page(browser):
    assert browser.get("/ask/no-such-shop").status_code == 404


def test_an_old_form_changes_nothing_and_says_so(database):
    from django.test import Client

    answer = Client(enforce_csrf_checks=True).post("/cases", {"number": "x"})

    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()


def test_the_program_says_that_it_is_well(browser):
    assert browser.get("/healthz").content == b"ok\n"


def test_shops_are_found_by_a_part_of_their_name(browser, shop):
    assert shop.slug in browser.get("/", {"q": shop.slug[:9]}).content.decode()
    assert "No shop here is called" in browser.get("/", {"q": "zzzzzz"}).content.decode()


def test_the_style_page_is_for_practice(browser):
    from django.test import override_settings

    assert browser.get("/style/check").status_code == 200
    with override_settings(MODE="production"):
        assert browser.get("/style/check").status_code == 404


def test_every_example_of_the_style_page_has_all_it_needs(browser):
    import re

    names = re.findall(r'href="/style/([^"]+)"', browser.get("/style").content.decode())
    assert len(names) > 30
    for name in names:
        assert "MISSING-" not in browser.get(f"/style/{name}").content.decode(), name
