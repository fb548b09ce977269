"""Olivia runs the platform: she stops a company's payments, sees where a refund stands, and lets it go on."""

import json
import re
import uuid

import pytest
import requests
from playwright.sync_api import expect

from tests.journeys.accessibility import assert_accessible
from tests.journeys.browser import DESKTOP, PHONE
from tests.journeys.shoppers import signs_in

OLIVIA = "olivia@recoup.example"


@pytest.fixture
def asks_by_api(house):
    """The company's server asks for a refund; gives the number of the case."""
    keys = json.loads(house.house.demo.read_text())["api_keys"]
    secret = next(row["key"] for row in keys if row["slug"] == "kopi-corner")

    def ask(order_number):
        answer = requests.post(
            f"{house.running.web_url}/api/v1/refunds",
            json={"order_number": order_number, "reason": "changed_mind", "goods_received": True},
            headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": uuid.uuid4().hex},
            timeout=20,
        )
        assert answer.json()["state"] == "approved", answer.text
        return answer.json()["number"]

    return ask


def reloads_until(page, text):
    """The page says it within seconds; it is loaded again as people do."""
    for _ in range(40):
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"{page.url} never said {text}")


def vault_has_seen(house, page, *, switched_off):
    """The vault looks at the switches once a second, and says in its log when one has changed."""
    for _ in range(60):
        told = (house.house.logs / "vault.log").read_text()
        if f'"event": "switches_changed", "switched_off": {switched_off}' in told:
            return
        page.wait_for_timeout(500)
    raise AssertionError("the vault has not seen the switch")


def test_a_companys_payments_are_stopped_seen_to_wait_and_let_go_on(people, house, asks_by_api, visit):
    visit.expected.append("422")
    olivia = people("olivia", **DESKTOP)
    signs_in(olivia, house, OLIVIA, wanted="/operator", greeted=None)
    reloads_until(olivia, "worker/money")
    reloads_until(olivia, "Payments to be sent or looked up")
    expect(olivia.get_by_role("listitem").filter(has_text="vault").get_by_text("Runs")).to_be_visible()
    assert_accessible(olivia)

    olivia.get_by_role("link", name="Companies").click()
    assert_accessible(olivia)
    olivia.get_by_role("link", name="Kopi Corner").click()
    assert_accessible(olivia)
    olivia.get_by_role("link", name="Stop payments").click()
    assert_accessible(olivia)
    olivia.get_by_role("button", name="Stop payments").click()
    expect(olivia.get_by_text("Please say why; it is kept with what you did.").first).to_be_visible()
    assert_accessible(olivia)
    olivia.get_by_label("Why").select_option("The provider has trouble")
    olivia.get_by_role("button", name="Stop payments").click()
    expect(olivia.get_by_text("Payments by this account are stopped.")).to_be_visible()
    vault_has_seen(house, olivia, switched_off=1)

    number = asks_by_api("KC-502")
    olivia.get_by_role("link", name="A case's run").click()
    assert_accessible(olivia)
    olivia.get_by_label("Case number").fill(number.lower())
    olivia.get_by_role("button", name="Show its run").click()
    expect(olivia.get_by_role("heading", level=1)).to_have_text(f"The run of {number}")
    payment = olivia.get_by_role("region", name="Payment 1")
    expect(payment.get_by_role("img", name=re.compile("Payment 1 was in 1 state: in line"))).to_be_visible()
    assert_accessible(olivia)

    olivia.goto("/operator/companies/kopi-corner")
    olivia.get_by_role("link", name="Let payments go on").click()
    olivia.get_by_label("Why").select_option("What was wrong is mended")
    olivia.get_by_role("button", name="Let them go on").click()
    expect(olivia.get_by_text("Payments by this account go on.")).to_be_visible()
    expect(olivia.get_by_text("Olivia Chen").first).to_be_visible()

    olivia.goto(f"/operator/cases/{number}")
    reloads_until(olivia, "What the provider said")
    reloads_until(olivia, "Closed")
    expect(olivia.get_by_role("img", name=re.compile("Payment 1 was in .*: in line, then being sent"))).to_be_visible()
    olivia.get_by_role("link", name="who did what to it").click()
    expect(olivia.get_by_role("cell", name="case: approved")).to_be_visible()
    assert_accessible(olivia)


def test_the_console_fits_a_phone(people, house):
    olivia = people("olivia on her phone", **PHONE)
    signs_in(olivia, house, OLIVIA, wanted="/operator", greeted=None)
    for page in (
        "",
        "/companies",
        "/companies/merlion-home",
        "/cases",
        "/parked",
        "/audit",
        "/audit?company=kopi-corner",
    ):
        olivia.goto(f"/operator{page}")
        assert_accessible(olivia)
