"""A shopper signs in with her mobile number: eight digits, a text, a code. No password, no account before."""

import secrets
import time

import requests
from playwright.sync_api import expect

from tests.journeys.accessibility import assert_accessible


def texts_to(house, number):
    """What her phone shows, newest first."""
    asked = requests.get(f"{house.running.town_url}/texts.json", params={"to": number}, timeout=5)
    return [one["text"] for one in asked.json()["texts"]]


def reads_code(house, number, *, many=1):
    """The six digits of her `many`th text, when it has come."""
    ends_at = time.monotonic() + 30
    while time.monotonic() < ends_at:
        texts = texts_to(house, number)
        if len(texts) >= many:
            return texts[0][:6]
        time.sleep(0.2)
    raise AssertionError("no text came")


def test_eight_digits_and_a_text_are_enough(each_page, house, visit):
    page, digits = each_page, f"91{secrets.randbelow(10**6):06d}"
    visit.expected.append("422")
    page.goto("/account/login/")
    assert_accessible(page)
    page.get_by_label("E-mail or mobile number").fill("6223 4567")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("alert").or_(page.locator(".field-error")).first).to_contain_text("not a mobile number")
    assert_accessible(page)

    page.get_by_label("E-mail or mobile number").fill(f"{digits[:4]} {digits[4:]}")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the code we sent you")
    assert_accessible(page)
    page.get_by_label("6-digit code").fill(reads_code(house, f"+65{digits}"))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My account")

    page.get_by_role("link", name="My phone number").click()
    expect(page.get_by_text(f"+65 {digits[:4]} {digits[4:]}")).to_be_visible()
    assert_accessible(page)


def test_it_works_without_scripts_and_for_a_number_from_the_list(no_js_page, house):
    page, digits = no_js_page, f"123{secrets.randbelow(10**6):06d}"
    page.goto("/account/login/")
    page.get_by_label("E-mail or mobile number").fill(f"0{digits}")
    page.get_by_label("Country of the number").select_option("MY")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("6-digit code").fill(reads_code(house, f"+60{digits}"))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My account")


def test_the_texts_of_the_town_can_be_read_by_everybody(page, house):
    page.goto(f"{house.running.town_url}/texts")

    expect(page.get_by_role("heading", level=1)).to_have_text("Texts on the phones")
    assert_accessible(page)
