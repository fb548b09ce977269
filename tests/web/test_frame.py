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


def test_pages_are_small_on_the_wire_and_what_is_no_page_is_left_alone(browser):
    import gzip

    page = browser.get("/style", headers={"Accept-Encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page["Vary"]
    assert len(page.content) * 2 < len(gzip.decompress(page.content))
    assert "Content-Encoding" not in browser.get("/style")
    for address in ("/healthz", "/api/v1/openapi.json"):
        assert "Content-Encoding" not in browser.get(address, headers={"Accept-Encoding": "gzip"})


def test_a_missing_page_says_what_to_do_next(browser):
    answer = browser.get("/nowhere")

    assert answer.status_code == 404
    assert "See my case" in answer.content.decode()


def test_an_unknown_shop_is_a_missing_page(browser):
    assert browser.get("/ask/no-such-shop").status_code == 404


@pytest.mark.parametrize("path", ["/", "/cases", "/account/login/", "/style"])
def test_whoever_only_looks_whether_a_page_is_there_is_answered(browser, path):
    page, looked = browser.get(path), browser.head(path)

    assert (looked.status_code, looked.content) == (page.status_code, b"")
    assert page.status_code == 200


@pytest.mark.parametrize(("method", "path", "allowed"), [("get", "/cases/code/again", "POST"), ("post", "/", "GET")])
def test_an_address_that_is_called_in_the_wrong_way_answers_with_a_page(browser, method, path, allowed):
    answer = getattr(browser, method)(path)

    assert answer.status_code == 405
    assert allowed in answer["Allow"]
    assert "This page cannot be used like that" in answer.content.decode()
    assert "default-src 'self'" in answer["Content-Security-Policy"]


def test_machines_are_told_in_their_own_way_that_they_called_wrongly(browser):
    answer = browser.delete("/api/v1/refunds")

    assert answer.status_code == 405
    assert answer["Content-Type"] == "application/problem+json"


def test_more_than_a_form_can_send_is_refused_before_it_is_read(browser):
    answer = browser.post("/cases", {"number": "x"}, headers={"content-length": str(51 * 1024 * 1024)})

    assert answer.status_code == 413
    assert "That was too much to send at once" in answer.content.decode()


def test_words_without_end_are_too_much_as_well(browser):
    answer = browser.post("/cases", {"number": "x" * (21 * 1024 * 1024)})

    assert answer.status_code == 413
    assert "Nothing of what you just sent was kept" in answer.content.decode()


def test_a_form_that_cannot_be_read_is_said_so(quiet):
    answer = quiet.post("/cases", data=b"--broken", content_type="multipart/form-data; boundary=")

    assert answer.status_code == 400
    assert "That request was not complete" in answer.content.decode()


def test_our_own_mistake_and_what_is_not_theirs_are_told_in_the_design(browser):
    from recoup.web import errors

    request = browser.get("/cases").wsgi_request
    for answer, words in (
        (errors.broken(request), "Something went wrong on our side"),
        (errors.denied(request, PermissionError("secret")), "This page is not yours to see"),
    ):
        assert words in answer.content.decode()
        assert "See my case" in answer.content.decode()


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
