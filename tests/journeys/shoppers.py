"""What people do at the pages, as steps that journeys share. Codes are read where people read them: in the inbox."""

import json
import re
import time

import requests
from playwright.sync_api import Page, expect

MEI = "mei.tan@example.com"
AISHA = "aisha@merlion-home.example"


def mails_to(house, address, *, after=0):
    """The mails of the practice inbox for that address, newest first."""
    asked = {"to": address, "after": after, "whole": "1"}
    return requests.get(f"{house.running.town_url}/inbox.json", params=asked, timeout=5).json()["mails"]


def code_after(house, address, last_id):
    """The code of the first mail that comes after `last_id`."""
    ends_at = time.monotonic() + 20
    while time.monotonic() < ends_at:
        for mail in mails_to(house, address, after=last_id):
            found = re.search(r"\b\d{6}\b", mail["subject"] + " " + str(mail.get("text", "")))
            if found and "code" in mail["subject"].lower():
                return found[0]
        time.sleep(0.2)
    raise AssertionError(f"no code was mailed to {address}")


def finds_order(page: Page, house, slug: str, number: str, email: str = MEI) -> None:
    """Steps 1 and 2, from the company's page up to whatever follows the code."""
    last_id = max((mail["id"] for mail in mails_to(house, email)), default=0)
    page.get_by_label("Order number").fill(number)
    page.get_by_label("E-mail or mobile number you ordered with").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the code we sent you")
    page.get_by_label("6-digit code").fill(code_after(house, email, last_id))
    page.get_by_role("button", name="Continue").click()


def heading(page: Page) -> str:
    """The page's main heading."""
    return page.get_by_role("heading", level=1).inner_text()


def case_number(page: Page) -> str:
    """The number that the case's page shows."""
    return page.locator("#case-number").inner_text()


def signs_in(
    page: Page, house, email: str = AISHA, *, wanted: str = "/review", greeted: str | None = "Cases that need a person"
) -> None:
    """Somebody comes to work: password, then a code of the phone that was not used yet. `greeted`: the heading then."""
    sign_ins = json.loads(house.house.demo.read_text())["sign_ins"]
    page.goto(wanted)
    page.get_by_text("Sign in with a password").click()
    page.get_by_label("Email", exact=True).fill(email)
    page.get_by_label("Password").fill(next(row["password"] for row in sign_ins if row["email"] == email))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Code").fill(_fresh_code(house, email))
    page.get_by_role("button", name="Continue with the code").click()
    if greeted is not None:
        expect(page.get_by_role("heading", level=1)).to_have_text(greeted)


_used: set[tuple[str, str, str]] = set()


def _fresh_code(house, email: str) -> str:
    """Each code works once, so whoever signs in again soon waits for the next, as people do."""
    ends_at = time.monotonic() + 35
    while time.monotonic() < ends_at:
        phones = requests.get(f"{house.running.town_url}/phones.json", timeout=5).json()["phones"]
        code = next(phone["code"] for phone in phones if phone["email"] == email)
        if (house.running.town_url, email, code) not in _used:
            _used.add((house.running.town_url, email, code))
            return code
        time.sleep(0.5)
    raise AssertionError(f"the phone of {email} shows no new code")


def asks_for(page: Page, house, order: tuple[str, str], articles: dict[str, int], words: str) -> None:
    """A shopper of Merlion Home goes all the way and presses the last button. `articles`: title -> how many."""
    number, email = order
    page.goto("/ask/merlion-home")
    finds_order(page, house, "merlion-home", number, email)
    for title, many in articles.items():
        page.get_by_label(title, exact=True).check()
        if many > 1:
            page.get_by_label(f"How many of {title}").select_option(str(many))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Tell us in your own words").fill(words)
    page.get_by_role("button", name="Continue").click()
    page.locator("form button[type=submit]").click()


def misfortune(house, **fault) -> None:
    """Something goes wrong at the payment provider (docs/practice-provider.md)."""
    requests.post(f"{house.running.provider_url}/_practice/faults", json=fault, timeout=5).raise_for_status()
