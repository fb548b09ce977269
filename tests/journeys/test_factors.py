"""Passkeys, authenticator apps and recovery codes, by people with real browsers. A virtual device keeps the passkeys.

A browser ties a passkey to a name, so these journeys go to `localhost`, where the others go to 127.0.0.1.
"""

import json
import re
import secrets
import time
from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.sync_api import expect

from tests.journeys.accessibility import assert_accessible
from tests.journeys.browser import DESKTOP, PHONE
from tests.journeys.shoppers import AISHA

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def base_url(house):
    return f"http://localhost:{urlsplit(house.running.web_url).port}"


class Device:
    """Where somebody's passkeys are. `is_owner` false: the finger is a stranger's."""

    def __init__(self, page):
        self._devtools = page.context.new_cdp_session(page)
        self._devtools.send("WebAuthn.enable")
        added = self._devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        self._id = added["authenticatorId"]

    def passkeys(self):
        return self._devtools.send("WebAuthn.getCredentials", {"authenticatorId": self._id})["credentials"]

    def belongs_to_whoever_holds_it(self, is_owner):
        told = {"authenticatorId": self._id, "isUserVerified": is_owner}
        self._devtools.send("WebAuthn.setUserVerified", told)


@pytest.fixture
def account(house):
    """`account()` is somebody new with a password: (address, password). `works_at` makes them a reviewer there."""
    password = _password_of_aisha(house)

    def make(*, works_at=None):
        email = f"lena-{secrets.token_hex(4)}@example.com"
        with house.superuser() as hand:
            _somebody_new(hand, email, works_at)
        return email, password

    return make


def test_a_shopper_adds_a_passkey_and_signs_in_with_nothing_else(people, account):
    email, password = account()
    lena = people("lena", **PHONE)
    device = Device(lena)
    _gives_password(lena, email, password)
    lena.get_by_role("link", name="Passkeys").first.click()
    assert_accessible(lena)
    lena.get_by_role("link", name="Add a passkey").click()
    _proves_it_by_password(lena, password)
    assert_accessible(lena)
    lena.get_by_label("Name of the passkey").fill("My phone")
    lena.get_by_role("button", name="Add the passkey").click()
    codes = _keeps_recovery_codes(lena)
    assert len(set(codes)) == 10
    expect(lena.get_by_text("My phone").first).to_be_visible()
    assert_accessible(lena)
    assert len(device.passkeys()) == 1

    _signs_out(lena)
    lena.get_by_role("button", name="Sign in with a passkey").click()

    expect(lena.get_by_role("heading", name="How I sign in")).to_be_visible()


def test_a_stranger_with_the_phone_does_not_get_in(people, account):
    email, password = account()
    lena = people("lena", **PHONE)
    device = Device(lena)
    _gives_password(lena, email, password)
    _adds_passkey(lena, password)
    _signs_out(lena)

    device.belongs_to_whoever_holds_it(False)
    lena.get_by_role("button", name="Sign in with a passkey").click()

    expect(lena.get_by_role("alert")).to_contain_text("Nothing was done", timeout=70_000)
    lena.goto("/account/")
    expect(lena.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_somebody_at_work_sets_up_a_passkey_before_anything_else_and_comes_back_with_it(people, account):
    email, password = account(works_at="merlion-home")
    ines = people("ines", **DESKTOP)
    Device(ines)
    _gives_password(ines, email, password)
    ines.goto("/review")
    expect(ines.get_by_role("heading", level=1)).to_have_text("Set up your second proof")
    assert_accessible(ines)
    _adds_passkey(ines, password)
    _signs_out(ines)

    ines.get_by_role("button", name="Sign in with a passkey").click()
    expect(ines.get_by_role("heading", name="How I sign in")).to_be_visible()
    ines.goto("/review")

    expect(ines.get_by_role("heading", level=1)).to_have_text("Cases that need a person")


def test_a_password_is_not_enough_where_there_is_a_passkey(people, account):
    email, password = account(works_at="merlion-home")
    ines = people("ines", **DESKTOP)
    Device(ines)
    _gives_password(ines, email, password)
    ines.goto("/account/2fa/")
    _adds_passkey(ines, password)
    _signs_out(ines)

    _gives_password(ines, email, password)
    expect(ines.get_by_role("heading", level=1)).to_have_text("One more proof")
    assert_accessible(ines)
    ines.goto("/review")
    expect(ines.get_by_role("heading", level=1)).to_have_text("One more proof")
    ines.get_by_role("button", name="Use a passkey").click()

    expect(ines.get_by_role("heading", name="How I sign in")).to_be_visible()


def test_an_app_is_set_up_by_its_key_and_signs_in_and_so_does_a_recovery_code_once(people, account):
    email, password = account()
    lena = people("lena", **PHONE)
    _gives_password(lena, email, password)
    lena.goto("/account/2fa/")
    lena.get_by_role("link", name="Set up an app").click()
    _proves_it_by_password(lena, password)
    assert_accessible(lena)
    app = pyotp.TOTP(lena.locator("#authenticator-key").inner_text().strip())
    used = app.now()
    lena.get_by_label("The 6 digits that the app shows now").fill(used)
    lena.get_by_role("button", name="Use this app").click()
    first, *_ = _keeps_recovery_codes(lena)
    _signs_out(lena)

    _gives_password(lena, email, password)
    lena.get_by_label("Code of your authenticator app").fill(used)
    lena.get_by_role("button", name="Continue with the code").click()
    expect(lena.get_by_text("That did not work.")).to_be_visible()
    assert_accessible(lena)
    lena.get_by_label("Code of your authenticator app").fill(_next_code(app, used))
    lena.get_by_role("button", name="Continue with the code").click()
    expect(lena.get_by_role("heading", name="How I sign in")).to_be_visible()
    _signs_out(lena)

    for outcome in ("in", "out"):
        _gives_password(lena, email, password)
        lena.get_by_label("Code of your authenticator app").fill(first)
        lena.get_by_role("button", name="Continue with the code").click()
        if outcome == "in":
            expect(lena.get_by_role("heading", name="How I sign in")).to_be_visible()
            _signs_out(lena)
    expect(lena.get_by_text("That did not work.")).to_be_visible()


def test_a_passkey_is_renamed_and_is_removed_only_by_who_proves_it_again(people, account):
    email, password = account()
    lena = people("lena", **DESKTOP)
    Device(lena)
    _gives_password(lena, email, password)
    lena.goto("/account/2fa/")
    _adds_passkey(lena, password)
    lena.get_by_role("link", name="Rename").click()
    lena.get_by_label("Name of the passkey").fill("Red phone")
    lena.get_by_role("button", name="Save the name").click()
    expect(lena.get_by_text("Red phone").first).to_be_visible()

    _signs_out(lena)
    lena.get_by_role("button", name="Sign in with a passkey").click()
    expect(lena.get_by_role("heading", name="How I sign in")).to_be_visible()
    lena.goto("/account/2fa/")
    lena.get_by_role("link", name="Remove").click()
    expect(lena.get_by_role("heading", level=1)).to_have_text("Is it you?")
    assert_accessible(lena)
    by_passkey = lena.get_by_role("button", name="Use a passkey")
    if not by_passkey.count():
        lena.get_by_role("link", name=re.compile("key", re.IGNORECASE)).first.click()
    by_passkey.click()
    expect(lena.get_by_role("heading", level=1)).to_have_text("Remove “Red phone”?")
    assert_accessible(lena)
    lena.get_by_role("button", name="Remove the passkey").click()
    expect(lena.get_by_role("link", name="Add a passkey").first).to_be_visible()


def _gives_password(page, email, password):
    page.goto("/account/login/")
    behind = page.locator("details summary")
    if behind.count():
        behind.first.click()
    form = page.locator("form:has(input[name=password])")
    form.locator("input[name=login]").fill(email)
    form.locator("input[name=password]").fill(password)
    form.get_by_role("button", name="Sign in", exact=True).click()
    expect(form).to_have_count(0)


def _signs_out(page):
    page.goto("/account/")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.goto("/account/login/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def _proves_it_by_password(page, password):
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    assert_accessible(page)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Continue").click()


def _adds_passkey(page, password):
    page.goto("/account/2fa/webauthn/add/")
    _proves_it_by_password(page, password)
    page.get_by_role("button", name="Add the passkey").click()
    _keeps_recovery_codes(page)


def _keeps_recovery_codes(page):
    """They are shown once; the file holds what the page shows. Ends at the overview."""
    expect(page.get_by_role("heading", level=1)).to_have_text("My recovery codes")
    assert_accessible(page)
    codes = page.locator("#recovery-codes li").all_inner_texts()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save as a file").click()
    assert saving.value.path().read_text().split()[-len(codes) :] == codes
    page.reload()
    expect(page.locator("#recovery-codes")).to_have_count(0)
    page.goto("/account/2fa/")
    return codes


def _next_code(app, used):
    ends_at = time.monotonic() + 40
    while time.monotonic() < ends_at:
        if app.now() != used:
            return app.now()
        time.sleep(0.5)
    raise AssertionError("the clock stands still")


def _password_of_aisha(house):
    sign_ins = json.loads(house.house.demo.read_text())["sign_ins"]
    return next(row["password"] for row in sign_ins if row["email"] == AISHA)


def _somebody_new(hand, email, works_at):
    """With Aisha's password and nothing else of hers; a reviewer when there is a company they work at."""
    ((person_id,),) = hand.execute(
        "INSERT INTO identity_person (id, email, name, password, is_active, is_operator)"
        " SELECT gen_random_uuid(), %s, 'Lena', password, true, false FROM identity_person WHERE email = %s"
        " RETURNING id",
        (email, AISHA),
    ).fetchall()
    hand.execute(
        'INSERT INTO account_emailaddress (email, verified, "primary", user_id) VALUES (%s, true, true, %s)',
        (email, person_id),
    )
    if works_at:
        hand.execute(
            "INSERT INTO identity_membership (id, merchant_id, person_id, role)"
            " SELECT gen_random_uuid(), id, %s, 'reviewer' FROM merchants_merchant WHERE slug = %s",
            (person_id, works_at),
        )
