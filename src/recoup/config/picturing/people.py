"""Who looks at pages: a stranger, a guest with an order, a shopper with an account, staff of each role, the operator.

Each arrives as they would: by the code that is mailed, by password and authenticator. What they see on the way is
looked at too.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from recoup.config.private_house import PrivateHouse

if TYPE_CHECKING:
    from playwright.sync_api import Page

COMPANY = "merlion-home"
GUEST = "mei.tan@example.com"
SECONDS_MAX = 60.0
#: Called with what the page shows; what it is called in the pictures' names.
Look = Callable[["Page", str], None]
#: Where strangers begin; to some of it no link leads.
_TO_STRANGERS = ("/", "/developers", "/style", "/account/password/reset/done/")
#: Pages that look alike to everybody.
_PUBLIC = ("/developers", "/ask/", "/account/login/", "/account/company/", "/account/password/reset/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The demo world of a house, with cases in every state that a page can show. `cases`: state -> number."""

    house: PrivateHouse
    cases: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the pages are."""
        return self.house.running.web_url

    def told(self) -> dict[str, Any]:
        """The sign-ins and keys of the demo world."""
        return dict(json.loads(self.house.house.demo.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who looks around. `arrive` brings them in; `starts` are where they begin to follow links.

    `leaves_out`: beginnings of addresses that others have looked at already.
    """

    name: str
    title: str
    arrive: Callable[[Scene, Page, Look], None]
    starts: Callable[[Scene], tuple[str, ...]]
    leaves_out: tuple[str, ...] = ()


def visitors() -> tuple[Visitor, ...]:
    """All of them, in the order in which a newcomer would want to meet them."""
    return (
        Visitor(
            name="stranger",
            title="Somebody new",
            arrive=_stays_outside,
            starts=lambda _: _TO_STRANGERS,
            leaves_out=("/style/",),
        ),
        Visitor(
            name="guest", title="A guest with an order", arrive=_asks_as_guest, starts=_own_cases, leaves_out=_PUBLIC
        ),
        Visitor(
            name="shopper",
            title="A shopper with an account",
            arrive=_signs_in_by_code,
            starts=lambda _: ("/account/", "/account/logout/", "/device"),
            leaves_out=_PUBLIC,
        ),
        _of_staff("ravi@merlion-home.example", "manager", "The manager of a company"),
        _of_staff("aisha@merlion-home.example", "reviewer", "A reviewer"),
        _of_staff("siti@merlion-home.example", "support", "A support agent"),
        _of_staff("hock@merlion-home.example", "booth", "Somebody at a booth"),
        _of_staff("priya@merlion-home.example", "auditor", "An auditor"),
        Visitor(
            name="operator",
            title="The operator",
            arrive=lambda scene, page, look: signs_in(scene, page, "olivia@recoup.example", look),
            starts=lambda scene: ("/operator", *(f"/operator/cases/{number}" for number in scene.cases.values())),
            leaves_out=(*_PUBLIC, "/account/"),
        ),
    )


def _of_staff(email: str, name: str, title: str) -> Visitor:
    is_first = name == "manager"
    return Visitor(
        name=name,
        title=title,
        arrive=lambda scene, page, look: signs_in(scene, page, email, look if is_first else _nothing),
        starts=lambda scene: ("/review?show=all", *(f"/review/{number}" for number in scene.cases.values())),
        leaves_out=_PUBLIC if is_first else (*_PUBLIC, "/account/"),
    )


def _nothing(page: Page, name: str) -> None:
    """Looks at nothing: others have seen that page already."""


def _stays_outside(scene: Scene, page: Page, look: Look) -> None:
    page.goto(f"{scene.url}/no-such-page")
    look(page, "not found")


def _own_cases(scene: Scene) -> tuple[str, ...]:
    return ("/cases", *(f"/cases/{scene.cases[state]}" for state in sorted(scene.cases) if state != "in_review"))


def _asks_as_guest(scene: Scene, page: Page, look: Look) -> None:
    """Two mugs and a towel; one mug is broken."""
    page.goto(f"{scene.url}/ask/{COMPANY}")
    page.get_by_label("Order number").fill("MH-1001")
    page.get_by_label("E-mail or mobile number you ordered with").fill(GUEST)
    last_id = _last_mail_to(scene, GUEST)
    page.get_by_role("button", name="Send me a code").click()
    look(page, "the code")
    page.get_by_label("6-digit code").fill(_code_after(scene, GUEST, last_id))
    page.get_by_role("button", name="Continue").click()
    look(page, "choose items")
    page.get_by_label("Blue glazed mug", exact=True).check()
    page.get_by_role("button", name="Continue").click()
    look(page, "say why")
    page.get_by_role("textbox", name="Tell us in your own words").fill("I changed my mind, the box is still closed.")
    page.get_by_role("button", name="Continue").click()
    look(page, "check and confirm")


def _signs_in_by_code(scene: Scene, page: Page, look: Look) -> None:
    last_id = _last_mail_to(scene, GUEST)
    page.goto(f"{scene.url}/account/login/")
    page.get_by_label("E-mail or mobile number").fill(GUEST)
    page.get_by_role("button", name="Send me a code").click()
    look(page, "the code to sign in")
    page.get_by_label("6-digit code").fill(_code_after(scene, GUEST, last_id))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_load_state()


def signs_in(scene: Scene, page: Page, email: str, look: Look) -> None:
    """Somebody comes to work: password, then the code of their phone."""
    password = next(row["password"] for row in scene.told()["sign_ins"] if row["email"] == email)
    page.goto(f"{scene.url}/account/login/")
    page.get_by_text("Sign in with a password").click()
    page.get_by_label("Email", exact=True).fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    look(page, "second proof")
    phones = requests.get(f"{scene.house.running.town_url}/phones.json", timeout=5).json()["phones"]
    page.get_by_label("Code").fill(next(phone["code"] for phone in phones if phone["email"] == email))
    page.get_by_role("button", name="Continue with the code").click()
    page.wait_for_load_state()


def _mails_to(scene: Scene, address: str, after: int) -> list[dict[str, Any]]:
    asked: dict[str, str] = {"to": address, "after": str(after), "whole": "1"}
    answer = requests.get(f"{scene.house.running.town_url}/inbox.json", params=asked, timeout=5)
    return list(answer.json()["mails"])


def _last_mail_to(scene: Scene, address: str) -> int:
    return max((int(mail["id"]) for mail in _mails_to(scene, address, 0)), default=0)


def _code_after(scene: Scene, address: str, last_id: int) -> str:
    """The code of the first mail after that one. Raises TimeoutError."""
    until = time.monotonic() + SECONDS_MAX
    while time.monotonic() < until:
        for mail in _mails_to(scene, address, last_id):
            found = re.search(r"\b\d{6}\b", f"{mail['subject']} {mail.get('text', '')}")
            if found and "code" in str(mail["subject"]).lower():
                return found[0]
        time.sleep(0.2)
    raise TimeoutError(f"no code was mailed to {address}")
