"""Somebody who lost a phone signs it out from the computer, and the phone is out."""

import re

from playwright.sync_api import expect

from tests.journeys.accessibility import assert_accessible
from tests.journeys.browser import DESKTOP, PHONE
from tests.journeys.test_factors import _gives_password, _proves_it_by_password, account

__all__ = ["account"]
ON_A_PHONE = (
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
)


def test_a_lost_phone_is_signed_out_from_another_browser(people, account):
    email, password = account()
    phone, computer = people("lost phone", **PHONE, user_agent=ON_A_PHONE), people("computer", **DESKTOP)
    for page in (phone, computer):
        _gives_password(page, email, password)
    phone.goto("/account/sessions/")
    expect(phone.get_by_text("You are signed in nowhere else.")).to_have_count(0)

    computer.goto("/account/")
    computer.get_by_role("link", name="Where I am signed in").click()
    assert_accessible(computer)
    computer.get_by_role("button", name=re.compile("Sign out this browser.*Chrome on Android")).click()
    _proves_it_by_password(computer, password)
    expect(computer.get_by_text("You are signed in nowhere else.")).to_be_visible()
    assert_accessible(computer)

    phone.goto("/account/sessions/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Sign in")
    computer.goto("/account/")
    expect(computer.get_by_role("link", name="Where I am signed in")).to_be_visible()
