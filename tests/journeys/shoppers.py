"""What people do at the pages, as steps that journeys share. Codes are read where people read them: in the inbox."""

import re
import time

import requests
from playwright.sync_api import Page, expect

MEI = "mei.tan@example.com"


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
    page.get_by_label("E-mail you ordered with").fill(email)
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
