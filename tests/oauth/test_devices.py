"""A booth without a keyboard: somebody types its letters on their own phone, and it goes on."""

import pytest
from django.test import Client

from tests.addresses import somewhere
from tests.oauth.conftest import DEVICE, App, AtWork
from tests.web.staff_people import Colleague, signs_in


def begins(booth, **fields):
    answer = booth.posts("/oauth/device", **({"scope": "refunds:read offline_access"} | fields))
    assert answer.status_code == 200, answer.content
    return answer.json()


def hears(booth, told):
    answer = booth.asks_for_tokens(grant_type=DEVICE, device_code=told["device_code"])
    return answer.status_code, answer.json()


def waits(database, booth):
    """As if the booth had waited as long as it should between two questions."""
    with database.superuser() as connection:
        connection.execute(
            "UPDATE allauth_idp_oidc_token SET data = jsonb_set(data, '{asked_at}', '0')"
            " WHERE client_id = %s AND type = 'dc'",
            [str(booth.id)],
        )


def test_the_letters_are_short_and_lead_to_a_page_of_ours(booth):
    told = begins(booth)

    letters = told["user_code"]
    assert (len(letters), letters[4], set("AEIOU") & set(letters)) == (9, "-", set())
    assert told["verification_uri"] == "http://127.0.0.1:8000/device"
    assert told["verification_uri_complete"] == f"http://127.0.0.1:8000/device?user_code={letters}"
    assert (told["expires_in"], told["interval"]) == (600, 5)


def test_a_booth_goes_on_when_somebody_said_yes(booth, hire, database):
    bo, told = hire("booth", "Bo"), begins(booth)
    assert hears(booth, told) == (400, {"error": "authorization_pending"})

    page = bo.opens(f"/device?user_code={told['user_code'].lower().replace('-', ' ')}").page
    bo.answers_device(told["user_code"])
    waits(database, booth)
    status, tokens = hears(booth, told)

    assert "Let The till act for you?" in page
    assert "Go on after you have signed out here" in page
    assert "The device is connected" in bo.page
    assert status == 200
    assert booth.calls(tokens["access_token"]) == 200
    assert booth.refreshes(tokens["refresh_token"]).status_code == 200


def test_a_booth_hears_no(booth, ines):
    told = begins(booth)

    ines.answers_device(told["user_code"], "no")

    assert "The device was refused" in ines.page
    assert hears(booth, told) == (400, {"error": "access_denied"})


def test_whoever_asks_too_often_waits_longer(booth):
    told = begins(booth)

    answers = [hears(booth, told)[1]["error"] for _ in range(3)]

    assert answers == ["authorization_pending", "slow_down", "slow_down"]


def test_letters_are_over_after_ten_minutes(booth, ines, database):
    told = begins(booth)
    with database.superuser() as connection:
        connection.execute(
            "UPDATE allauth_idp_oidc_token SET expires_at = now() WHERE client_id = %s AND type = 'dc'", [str(booth.id)]
        )

    assert "No device waits under these letters" in ines.opens(f"/device?user_code={told['user_code']}").page
    assert hears(booth, told) == (400, {"error": "expired_token"})


def test_a_device_is_answered_once(booth, ines):
    told = begins(booth)
    ines.answers_device(told["user_code"], "no")

    ines.answers_device(told["user_code"])

    assert "No device waits under these letters" in ines.page
    assert hears(booth, told) == (400, {"error": "access_denied"})


def test_a_device_code_that_is_brought_twice_ends_what_came_of_it(booth, ines, database):
    told = begins(booth)
    ines.answers_device(told["user_code"])
    tokens = hears(booth, told)[1]

    assert hears(booth, told)[1]["error"] == "invalid_grant"
    assert booth.calls(tokens["access_token"]) == 401


def test_looking_at_the_letters_answers_nothing(booth, ines):
    told = begins(booth)

    ines.opens(f"/device?user_code={told['user_code']}&answer=yes")

    assert hears(booth, told) == (400, {"error": "authorization_pending"})


def test_another_site_cannot_answer_for_somebody(booth, ines):
    told = begins(booth)
    strict = Client(enforce_csrf_checks=True, REMOTE_ADDR=somewhere())
    strict.cookies = ines.browser.cookies

    assert strict.post("/device", {"user_code": told["user_code"], "answer": "yes"}).status_code == 403


def test_people_of_other_companies_cannot_let_a_booth_in(booth, mails, other_shop):
    stranger = Colleague(other_shop.id, "Otto", "manager")
    otto = signs_in(AtWork(Client(REMOTE_ADDR=somewhere()), mails, other_shop), stranger)
    told = begins(booth)

    otto.answers_device(told["user_code"])

    assert otto.response.status_code == 403
    assert hears(booth, told) == (400, {"error": "authorization_pending"})


def test_letters_cannot_be_guessed_all_day(ines):
    from recoup.access.limits_rules import rule_of

    answers = [
        ines.browser.get(f"/device?user_code=BBBB-BBB{'BCDFGHJKLM'[number % 10]}").status_code
        for number in range(rule_of("device.person").quota + 1)
    ]

    assert set(answers[:-1]) == {422}
    assert answers[-1] == 429


def test_another_booth_cannot_come_for_the_tokens(booth, ines, shop):
    thief, told = App(shop, "device", ["refunds:read"]), begins(booth)
    ines.answers_device(told["user_code"])

    assert hears(thief, told)[1]["error"] == "invalid_grant"
    assert hears(booth, told)[0] == 200


@pytest.mark.parametrize("fields", [{"scope": "keys:write"}, {"client_id": "nobody"}, {"client_id": None}])
def test_what_no_booth_may_ask_for_is_refused(booth, fields):
    answer = booth.posts("/oauth/device", **fields)

    assert answer.status_code in (400, 401)
    assert answer.json()["error"] in ("invalid_scope", "invalid_request", "invalid_client")


def test_an_app_that_is_no_device_gets_no_letters(till):
    assert till.posts("/oauth/device", scope="refunds:read").json()["error"] == "unauthorized_client"


def test_what_a_device_may_do_ends_with_the_role(booth, ines, shop, database):
    from recoup.identity import actions

    told = begins(booth)
    ines.answers_device(told["user_code"])
    tokens = hears(booth, told)[1]

    actions.add_member(merchant_id=shop.id, email=ines.colleague.email, name="Ines", password="", role="auditor")

    assert booth.calls(tokens["access_token"]) == 401
