"""Every address says what it asks for, in one table; what says nothing stays shut."""

import sys
import types

import pytest

from recoup.access import policies

OPEN, OWN = "pages:open", "account:own"


@pytest.fixture
def routes(database):
    from recoup.api import routes

    return routes


def test_every_address_declares_actions_that_the_policies_know(routes):
    routes.check()

    for route in routes.table():
        for action in route.actions:
            assert action in policies.rules().actions, route


def test_pages_and_endpoints_are_in_the_table_with_their_action(routes):
    listed = {(route.method, route.path): route.actions for route in routes.table()}

    assert listed["POST", "/api/v1/refunds/{case_id}/approve"] == ("cases:approve",)
    assert listed["ANY", "/review/{number}/photos/{photo_id}"] == ("cases:photos",)
    assert listed["ANY", "/cases/{number}/withdraw"] == ("cases:withdraw",)
    assert listed["ANY", "/account/2fa/"] == (OWN,)
    assert listed["ANY", "/webhooks/stripe/{rail_account_id}"] == (OPEN,)
    assert listed["ANY", "/account/saml/{organization_slug}/acs/"] == (OPEN,)


@pytest.mark.parametrize(
    ("method", "address", "action"),
    [
        ("GET", "/api/v1/refunds", "cases:read"),
        ("post", "/api/v1/refunds", "cases:file"),
        ("POST", "/api/v1/refunds/01983c6e-5a1e-7c60-9d7f-3f2b6c1a4e58/reject", "cases:reject"),
        ("GET", "/api/v1/orders/KT/2026-1", "orders:read"),
    ],
)
def test_a_request_to_the_api_is_found_with_its_action(routes, method, address, action):
    assert routes.find(method, address).actions == (action,)


@pytest.mark.parametrize("address", ["/api/v1/nothing", "/review", "/api/v1/refunds/x/y/z", "relative"])
def test_what_is_no_endpoint_is_not_found(routes, address):
    assert routes.find("GET", address) is None
    assert routes.find("BREW", "/api/v1/refunds") is None


@pytest.fixture
def with_a_forgotten_page(routes, settings_of):
    """The addresses of a web program in which one page declares nothing."""
    from django.http import HttpResponse
    from django.urls import path

    from recoup.access import doors

    def forgotten(request):
        return HttpResponse("open to whoever finds it")

    def shown(request):
        return HttpResponse("for everybody")

    urls = types.ModuleType("urls_with_a_forgotten_page")
    urls.urlpatterns = [path("forgotten", forgotten), path("shown", doors.open_to_all(shown))]
    sys.modules[urls.__name__] = urls
    routes.table.cache_clear()
    with settings_of(ROOT_URLCONF=urls.__name__):
        yield
    routes.table.cache_clear()
    del sys.modules[urls.__name__]


@pytest.fixture
def settings_of(database):
    from django.test import override_settings

    return override_settings


def test_a_page_that_forgot_to_declare_is_shut_and_stops_the_start(routes, with_a_forgotten_page, browser):
    from django.core.exceptions import ImproperlyConfigured

    with pytest.raises(ImproperlyConfigured, match=r"ANY /forgotten$"):
        routes.check()
    assert browser.get("/forgotten").status_code == 403
    assert browser.get("/shown").status_code == 200


def test_the_names_of_others_ask_for_known_actions_only(database):
    from recoup.access.routes_of_others import ACTIONS

    assert set(ACTIONS.values()) <= set(policies.rules().actions)


def test_without_its_policy_nobody_reaches_their_account(database, mails, shop):
    from django.test import Client

    from tests.web.conftest import Shopper
    from tests.web.staff_people import Colleague, signs_in

    kim = signs_in(Shopper(Client(), mails, shop), Colleague(shop.id, "Kim", "support"), wanted="/account/")
    assert kim.opens("/account/sessions/").response.status_code == 200
    texts = {name: text for name, text in policies.texts().items() if name != "everybody.cedar"}
    without = policies.read(texts, (policies.FOLDER / policies.SCHEMA).read_text(encoding="utf-8"))

    with policies.trying(without):
        assert kim.opens("/account/sessions/").response.status_code == 403


def test_without_their_policy_no_guest_sees_their_case(mei, shop):
    order = shop.order(("lamp", 2, 200_00))
    mei.asks_about(order).enters_the_code().chooses(line1=2)
    mei.says("It is strange and I cannot say why").confirms()
    assert mei.opens(f"/cases/{mei.case_number}").path == f"/cases/{mei.case_number}"
    texts = {name: text for name, text in policies.texts().items() if name != "shoppers.cedar"}
    without = policies.read(texts, (policies.FOLDER / policies.SCHEMA).read_text(encoding="utf-8"))

    with policies.trying(without):
        assert mei.opens(f"/cases/{mei.case_number}").path == "/cases"
        assert mei.opens(f"/ask/{shop.slug}/reason").path == f"/ask/{shop.slug}"
