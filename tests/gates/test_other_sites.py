"""Pages of other sites may call only where a company has named them, letter by letter."""

import pytest
from django.test import Client

from tests.api.callers import Caller, is_problem
from tests.gates.files import static_file


@pytest.fixture
def friend(shop, as_worker):
    """A site that the shop has named."""
    from recoup.access import actions

    origin = f"https://{shop.slug}.example"
    with as_worker():
        actions.allow_origin(merchant_id=shop.id, origin=origin, by="operator", at=shop.now)
    return origin


def preflight(origin):
    return Client(raise_request_exception=False).options(
        "/api/v1/refunds",
        HTTP_ORIGIN=origin,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST",
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization",
    )


def test_a_named_site_may_call_with_a_key_of_its_company(caller, friend):
    asked, answer = preflight(friend), caller.get("/refunds", origin=friend)

    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (204, friend)
    assert "Authorization" in asked["Access-Control-Allow-Headers"]
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, friend)
    assert "Origin" in asked["Vary"]
    assert "Origin" in answer["Vary"]
    for response in (asked, answer):
        assert "Access-Control-Allow-Credentials" not in response


def test_a_named_site_may_not_call_with_anothers_key(friend, database, noon):
    from recoup.kernel import ids
    from recoup.merchants import actions as merchants
    from tests.database import Shop

    other = ids.uuid7()
    merchants.register(
        merchant_id=other, slug=f"o-{other.hex[-10:]}", name="Other", country="SG", currency="SGD", by="test", at=noon
    )
    answer = Caller(Shop(other, "other", ids.uuid7(), noon)).get("/refunds", origin=friend)

    assert is_problem(answer, 403, "origin_not_allowed")
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "null",
        lambda _: "https://elsewhere.example",
        lambda origin: origin.replace("https", "http"),
        lambda origin: origin + ".evil.example",
        lambda origin: origin.replace("https://", "https://evil"),
        lambda origin: origin.replace("https://", "https://evil."),
        lambda origin: origin + ":8443",
        lambda origin: origin + "/",
        lambda origin: origin.upper(),
        lambda origin: origin + "\0",
        lambda origin: f"{origin} {origin}",
        lambda _: "",
        lambda _: "*",
    ],
)
def test_whoever_is_not_letter_by_letter_that_site_may_not(caller, friend, change):
    origin = change(friend)
    asked, answer = preflight(origin), caller.get("/refunds", origin=origin)

    assert is_problem(asked, 403, "origin_not_allowed")
    assert "Access-Control-Allow-Origin" not in asked
    assert is_problem(answer, 403, "origin_not_allowed")
    assert "Access-Control-Allow-Origin" not in answer


def test_pages_and_files_are_never_shared_with_other_sites(browser, friend):
    for path in ("/", "/cases", "/healthz", static_file()):
        assert "Access-Control-Allow-Origin" not in browser.get(path, HTTP_ORIGIN=friend), path


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "https://*.example.com",
        "https://example.com/",
        "https://example.com/path",
        "http://example.com",
        "https://user@example.com",
        "https://EXAMPLE.com",
        "https://example.com:0",
        "https://-a.example",
        "https://exa mple.com",
        "https://example.com\n",
        "",
    ],
)
def test_what_is_no_origin_cannot_be_named(shop, as_worker, origin):
    from recoup.access import actions
    from recoup.kernel.errors import Invalid

    with as_worker(), pytest.raises(Invalid):
        actions.allow_origin(merchant_id=shop.id, origin=origin, by="operator", at=shop.now)


def test_a_site_that_is_taken_away_may_not_call_any_more(shop, caller, friend, as_worker):
    from recoup.access import actions, origins

    with as_worker():
        actions.forbid_origin(merchant_id=shop.id, origin=friend, by="operator", at=shop.now)
    origins.forget()

    assert is_problem(caller.get("/refunds", origin=friend), 403, "origin_not_allowed")
    assert is_problem(preflight(friend), 403, "origin_not_allowed")
