"""A manager looks after the company's webhook endpoints at the desk."""

import re

import pytest

from tests.callbacks.conftest import listens
from tests.web.conftest import Mails, Shopper
from tests.web.staff_people import Colleague, signs_in

URL = "https://8.8.8.8/hooks"


@pytest.fixture
def works_here(database, shop):
    """Somebody of the shop's staff in that role, signed in."""
    from django.test import Client

    def sits_down(role):
        person = Colleague(shop.id, f"Kim-{role}", role)
        return signs_in(Shopper(Client(), Mails(shop), shop), person, wanted="/account/")

    return sits_down


def test_a_manager_adds_an_endpoint_and_sees_its_secret_once(works_here, shop):
    ines = works_here("manager")
    assert "No server is told yet" in ines.opens("/staff/webhooks").page

    page = ines.sends("/staff/webhooks/new", url=URL, description="Till", event_types=["refund.approved"]).page

    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", page)[0]
    assert "no-store" in ines.response["Cache-Control"]
    assert URL in ines.opens("/staff/webhooks").page
    endpoint = re.search(r"/staff/webhooks/[0-9a-f-]{36}", ines.page)[0]
    assert "refund.approved" in ines.opens(endpoint).page
    assert secret not in ines.page
    again = ines.sends(f"{endpoint}/rotate-secret", overlap_h="24").page
    assert re.search(r"whsec_[A-Za-z0-9+/=]+", again)[0] != secret
    assert "Two secrets sign until" in ines.opens(endpoint).page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"url": "http://shop.sg/"}, "The address must begin with https://"),
        ({"url": "https://192.168.1.1/"}, "is not the address of a public server"),
        ({"url": ""}, "Please enter the address"),
        ({"event_types": []}, "Please choose at least one"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(works_here, fields, words):
    given = {"url": URL, "description": "The till at Bugis", "event_types": ["refund.approved"]} | fields
    ines = works_here("manager").sends("/staff/webhooks/new", **given)

    assert ines.response.status_code == 422
    assert words in ines.page
    assert "The till at Bugis" in ines.page
    assert "No server is told yet" in ines.opens("/staff/webhooks").page


def test_a_manager_tries_an_endpoint_reads_the_log_and_sends_again(works_here, shop, receiver, sender):
    view, _ = listens(shop, receiver)
    ines, path = works_here("manager"), f"/staff/webhooks/{view.id}"
    receiver.says(500, b"<script>alert(1)</script>")

    assert "is on its way" in ines.sends(f"{path}/test").page
    sender.sends()
    page = ines.opens(path).page
    assert "endpoint.test" in page
    assert "Failing" in page
    message = re.search(rf"{path}/deliveries/[0-9a-f-]{{36}}", page)[0]
    page = ines.opens(message).page
    assert "Answered 500" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "on its way again" in ines.sends(f"{message}/replay").page
    sender.sends()

    assert "Delivered" in ines.opens(message).page
    assert len(receiver.came) == 2


def test_a_manager_switches_off_and_on_changes_and_removes(works_here, shop, receiver):
    view, _ = listens(shop, receiver)
    ines, path = works_here("manager"), f"/staff/webhooks/{view.id}"

    assert "Switch this endpoint off?" in ines.opens(f"{path}/switch-off").page
    assert "Switched off by hand" in ines.sends(f"{path}/switch-off").page
    assert "switched off" in ines.sends(f"{path}/test").page
    assert "The endpoint is on." in ines.sends(f"{path}/switch-on").page
    assert "On" in ines.sends(f"{path}/change", url=URL, event_types=["refund.closed"]).page
    assert "What failed is on its way" in ines.sends(f"{path}/replay-failed", hours="24").page
    assert "The endpoint is gone." in ines.sends(f"{path}/remove").page
    assert ines.opens(path).response.status_code == 404
    assert works_here("manager").opens(f"{path}/nonsense").response.status_code == 404


def test_each_role_sees_and_does_what_it_may(works_here, shop, receiver):
    view, _ = listens(shop, receiver)
    path = f"/staff/webhooks/{view.id}"

    for role, sees in (("auditor", 200), ("support", 200), ("reviewer", 403), ("booth", 403)):
        kim = works_here(role)
        assert kim.opens("/staff/webhooks").response.status_code == sees
        assert kim.opens(path).response.status_code == sees
        assert "Add an endpoint" not in kim.opens("/staff/webhooks").page
        for deed in ("test", "switch-off", "rotate-secret", "remove", "change"):
            assert kim.sends(f"{path}/{deed}").response.status_code == 403, (role, deed)
        assert kim.opens("/staff/webhooks/new").response.status_code == 403


def test_another_companys_endpoint_is_not_there(works_here, shop, receiver, noon):
    from recoup.kernel import ids
    from recoup.merchants import actions as merchants
    from tests.database import Shop

    other = ids.uuid7()
    merchants.register(
        merchant_id=other, slug=f"o-{other.hex[-10:]}", name="Other", country="SG", currency="SGD", by="test", at=noon
    )
    view, _ = listens(Shop(other, "other", ids.uuid7(), noon), receiver)
    ines = works_here("manager")

    for path in ("", "/change", "/remove", "/rotate-secret"):
        assert ines.opens(f"/staff/webhooks/{view.id}{path}").response.status_code == 404
        assert ines.sends(f"/staff/webhooks/{view.id}{path or '/test'}").response.status_code == 404


@pytest.mark.parametrize("many", [1, 6])
def test_a_page_asks_the_database_as_often_for_many_as_for_one(works_here, shop, receiver, many):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for number in range(many):
        listens(shop, receiver, path=f"/{number}")
    ines = works_here("manager")
    ines.opens("/staff/webhooks")

    with CaptureQueriesContext(connection) as asked:
        ines.opens("/staff/webhooks")

    of_ours = [query for query in asked.captured_queries if "callbacks_" in query["sql"]]
    assert len(of_ours) == 1
