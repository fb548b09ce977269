"""The pages of an account say everything they mean to, and look like the rest of Recoup."""

import secrets

import pytest
from django.test import Client

from tests.account.test_second_factors import PROOF, before_the_code
from tests.addresses import somewhere
from tests.web.staff_people import PASSWORD, Colleague

OPEN = ("login/", "password/reset/", "password/reset/done/", "inactive/", "company/")
OWN = (
    "", "email/", "phone/", "password/change/", "2fa/", "2fa/webauthn/", "2fa/webauthn/add/", "2fa/reauthenticate/",
    "2fa/recovery-codes/generate/", "sessions/", "apps/", "3rdparty/", "reauthenticate/", "logout/",
)  # fmt: skip


@pytest.fixture
def hana(shop):
    """At her account, just proved."""
    person = Colleague(shop.id, "Hana", "reviewer")
    browser = before_the_code(person)
    browser.post(PROOF, {"code": person.code})
    browser.post("/account/reauthenticate/", {"password": PASSWORD})
    browser.email = person.email
    return browser


def looks_right(answer):
    page = answer.content.decode()
    return answer.status_code == 200 and "MISSING-" not in page and page.count("<h1") == 1 and 'class="stack"' in page


def test_every_page_of_an_account_has_all_its_words(hana):
    stranger = Client(REMOTE_ADDR=somewhere())

    wrong = [path for path in OPEN if not looks_right(stranger.get(f"/account/{path}"))]
    wrong += [path for path in OWN if not looks_right(hana.get(f"/account/{path}"))]

    assert wrong == []


def test_another_address_is_proved_made_the_main_one_and_taken_away_again(hana, letters):
    other = f"other-{secrets.token_hex(4)}@mail.example"
    asked = hana.post("/account/email/", {"action_add": "", "email": other}, follow=True)
    assert looks_right(asked)
    assert other in asked.content.decode()
    page = hana.get("/account/email/").content.decode()
    assert other not in page

    done = hana.post("/account/confirm-email/", {"code": letters.code(other)}, follow=True).content.decode()
    assert f"{other} is proved. It opens your account from now on." in done
    done = hana.get("/account/email/").content.decode()
    assert f'Make it the main one<span class="only-read-aloud">: {other}' in done

    done = hana.post("/account/email/", {"action_primary": "", "email": other}, follow=True).content.decode()
    assert "Your main address is changed." in done
    done = hana.post("/account/email/", {"action_remove": "", "email": hana.email}, follow=True).content.decode()
    assert f"{hana.email} is removed." in done
    assert f">{hana.email}</h2>" not in done
