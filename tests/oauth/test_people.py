"""Staff let an app act for them: in their role, within its scopes, and for as long as that is what they want."""

import time

import pytest
from django.test import Client

from tests.addresses import somewhere
from tests.api.callers import Caller
from tests.oauth.conftest import BACK, App, AtWork
from tests.refunds.asking import rows
from tests.web.staff_people import PASSWORD, Colleague, signs_in


def test_an_app_reads_what_the_person_may_read_within_its_scopes(till, ines):
    told = ines.lets(till)

    assert till.calls(told["access_token"]) == 200
    assert till.calls(told["access_token"], "/api/v1/webhook-endpoints") == 403
    assert set(told) == {
        "access_token", "expires_in", "token_type", "scope", "refresh_token", "refresh_expires_in", "id_token",
    }  # fmt: skip


def test_a_role_that_may_not_gets_no_further_by_an_app(shop, hire):
    app = App(shop, "web", ["webhooks:read"], [BACK])
    booth_staff = hire("booth", "Bo")

    token = booth_staff.lets(app, scope="webhooks:read")["access_token"]

    assert app.calls(token, "/api/v1/webhook-endpoints") == 403


def test_what_an_app_does_is_done_by_the_person(till, ines, shop):
    case_id = Caller(shop).ask(shop.order(("sofa", 1, 90_000))).json()["id"]
    token = ines.lets(till, scope="refunds:review refunds:read")["access_token"]

    answer = till.http.post(
        f"/api/v1/refunds/{case_id}/approve", "{}", content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k-1"},
    )  # fmt: skip

    assert answer.status_code == 200
    done = rows(shop, "SELECT actor FROM events_event WHERE kind = 'case.approved' AND subject_id = %s", case_id)
    assert done == [(f"person:{ines.colleague.person_id}",)]


def test_the_page_says_who_asks_for_what_and_where_it_leads(till, ines, shop):
    page = ines.opens(till.address(scope="openid email refunds:review")).page

    for words in ("Let The till act for you?", "till.example.com", "Approve a case", "See your e-mail address"):
        assert words in page
    assert "form-action 'self' https://till.example.com" in ines.response["Content-Security-Policy"]


def test_no_is_heard_by_the_app(till, ines):
    assert ines.says("no", till.address()) == {
        "error": "access_denied", "state": "s-1", "iss": "http://127.0.0.1:8000",
    }  # fmt: skip


def test_looking_at_the_question_gives_the_app_nothing(till, ines):
    ines.opens(till.address())

    assert ines.response.status_code == 200
    assert "code=" not in ines.response.headers.get("Location", "")


def test_another_site_cannot_say_yes_for_somebody(till, ines):
    strict = Client(enforce_csrf_checks=True, REMOTE_ADDR=somewhere())
    strict.cookies = ines.browser.cookies

    assert strict.get(till.address()).status_code == 200
    assert strict.post(till.address(), {"answer": "yes"}).status_code == 403


def test_whoever_does_not_work_there_is_told_so_and_the_app_learns_nothing(till, mails, other_shop):
    stranger = Colleague(other_shop.id, "Otto", "manager")
    otto = signs_in(AtWork(Client(REMOTE_ADDR=somewhere()), mails, other_shop), stranger)

    page = otto.opens(till.address()).page

    assert otto.response.status_code == 403
    assert "This app is for people who work at" in page


def test_a_password_alone_lets_no_app_in(till, mails, shop):
    colleague = Colleague(shop.id, "Ines", "reviewer")
    ines = AtWork(Client(REMOTE_ADDR=somewhere()), mails, shop)
    ines.sends("/account/login/", login=colleague.email, password=PASSWORD)

    ines.opens(till.address())

    assert ines.path.startswith(("/account/2fa/", "/account/login/"))


def test_a_stranger_signs_in_first_and_comes_back_to_the_question(till):
    answer = Client(REMOTE_ADDR=somewhere()).get(till.address())

    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/?next=%2Foauth%2Fauthorize%3F")


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://till.example.com/back/"},
        {"redirect_uri": "https://till.example.com/back?x=1"},
        {"redirect_uri": "https://till.example.com.evil.example/back"},
        {"redirect_uri": "https://TILL.example.com/back"},
        {"redirect_uri": "https://till.example.com/%62ack"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": None},
        {"client_id": "01983c6e-5a1e-7c60-9d7f-3f2b6c1a4e58"},
        {"client_id": "' OR 1=1"},
        {"client_id": None},
    ],
)
def test_nobody_is_sent_where_the_app_has_not_said_letter_by_letter(till, ines, changes):
    ines.opens(till.address(**changes))

    assert ines.response.status_code == 400
    assert "This app is not connected properly" in ines.page


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"scope": "refunds:read keys:write"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unauthorized_client"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_what_is_not_offered_is_refused_in_words_that_libraries_know(till, ines, changes, error):
    answer = ines.browser.get(till.address(**changes))

    assert answer.status_code == 303
    assert answer["Location"].startswith(f"{BACK}?")
    assert f"error={error}" in answer["Location"]


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "another-verifier-that-is-long-enough-for-pkce-000"},
        {"code_verifier": None},
        {"redirect_uri": "https://till.example.com/other"},
        {"redirect_uri": None},
        {"code": "made-up"},
    ],
)
def test_a_code_without_what_it_is_bound_to_is_worth_nothing(till, ines, changes):
    code = ines.says("yes", till.address())["code"]

    answer = till.brings(code, **changes)

    assert answer.status_code in (400, 401)
    assert "access_token" not in answer.json()


def test_a_code_is_another_apps_nothing(till, ines, shop):
    thief = App(shop, "web", ["refunds:read"], [BACK])
    thief.verifier = till.verifier
    code = ines.says("yes", till.address())["code"]

    assert thief.brings(code).json()["error"] == "invalid_grant"
    assert till.brings(code).status_code == 200


def test_a_code_that_is_brought_twice_ends_what_came_of_it(till, ines):
    code = ines.says("yes", till.address())["code"]
    first = till.brings(code).json()

    second = till.brings(code)

    assert second.json()["error"] == "invalid_grant"
    assert till.calls(first["access_token"]) == 401
    assert till.refreshes(first["refresh_token"]).json()["error"] == "invalid_grant"


def test_refresh_tokens_are_good_once_and_the_new_one_goes_on(till, ines):
    first = ines.lets(till)

    second = till.refreshes(first["refresh_token"]).json()
    third = till.refreshes(second["refresh_token"]).json()

    assert len({one["refresh_token"] for one in (first, second, third)}) == 3
    assert till.calls(third["access_token"]) == 200


def test_a_stolen_refresh_token_ends_the_grant_and_the_person_is_told(till, ines, letters):
    first = ines.lets(till)
    second = till.refreshes(first["refresh_token"]).json()

    again = till.refreshes(first["refresh_token"])

    assert again.json()["error"] == "invalid_grant"
    assert till.refreshes(second["refresh_token"]).json()["error"] == "invalid_grant"
    assert [till.calls(one["access_token"]) for one in (first, second)] == [401, 401]
    told = letters.to(ines.colleague.email)[-1]
    assert told.subject == "We cut an app off from your account"
    assert "The till" in told.text
    assert "/account/apps/" in told.text


def test_an_app_cannot_show_another_apps_refresh_token(till, ines, shop):
    thief = App(shop, "web", ["refunds:read"], [BACK])
    told = ines.lets(till)

    assert thief.refreshes(told["refresh_token"]).json()["error"] == "invalid_grant"
    assert till.refreshes(told["refresh_token"]).status_code == 200


def test_less_can_be_asked_for_when_refreshing_and_never_more(till, ines):
    told = ines.lets(till, scope="openid refunds:read")

    assert till.refreshes(told["refresh_token"], scope="refunds:read refunds:review").json()["error"] == "invalid_scope"
    assert till.refreshes(told["refresh_token"], scope="openid").json()["scope"] == "openid"


def _is_dead(till, told):
    return (till.calls(told["access_token"]), till.refreshes(told["refresh_token"]).json().get("error"))


DEAD = (401, "invalid_grant")


def test_signing_out_ends_what_an_app_was_let_do(till, ines):
    told = ines.lets(till)

    ines.sends("/account/logout/")

    assert _is_dead(till, told) == DEAD


def test_an_app_that_was_let_stay_stays_after_signing_out(till, ines):
    told = ines.lets(till, scope="refunds:read offline_access")

    ines.sends("/account/logout/")

    assert till.calls(told["access_token"]) == 200
    assert till.refreshes(told["refresh_token"]).status_code == 200


def test_another_password_ends_every_app(till, ines):
    told = ines.lets(till, scope="refunds:read offline_access")

    ines.sends(
        "/account/password/change/",
        oldpassword=PASSWORD, password1="seven purple otters swim", password2="seven purple otters swim",
    )  # fmt: skip

    assert _is_dead(till, told) == DEAD


def test_another_role_ends_every_app(till, ines, shop):
    from recoup.identity import actions

    told = ines.lets(till, scope="refunds:read offline_access")

    actions.add_member(merchant_id=shop.id, email=ines.colleague.email, name="Ines", password="", role="auditor")

    assert _is_dead(till, told) == DEAD


def test_leaving_the_company_ends_every_app(till, ines, shop, as_worker):
    from recoup.identity import actions

    told = ines.lets(till, scope="refunds:read offline_access")

    with as_worker():
        actions.off_board(
            merchant_id=shop.id, person_id=ines.colleague.person_id, works_elsewhere=False, by="test", at=shop.now
        )

    assert _is_dead(till, told) == DEAD


def test_a_disabled_account_has_no_apps(till, ines, database):
    told = ines.lets(till, scope="refunds:read offline_access")

    with database.superuser() as connection:
        connection.execute("UPDATE identity_person SET is_active = false WHERE id = %s", [ines.colleague.person_id])

    assert _is_dead(till, told) == DEAD


def test_people_see_their_apps_and_end_them(till, ines):
    told = ines.lets(till)
    page = ines.opens("/account/apps/").page
    family = page.partition('name="family" value="')[2].partition('"')[0]

    ines.sends("/account/apps/", family=family)

    assert "The till" in page
    assert "No app acts for you" in ines.page
    assert _is_dead(till, told) == DEAD


def test_nobody_ends_somebody_elses_app(till, ines, hire):
    ines.lets(till)
    family = ines.opens("/account/apps/").page.partition('name="family" value="')[2].partition('"')[0]
    ravi = hire("manager", "Ravi")

    ravi.sends("/account/apps/", family=family)

    assert ravi.response.status_code == 404
    assert "The till" in ines.opens("/account/apps/").page


def test_money_asks_for_a_proof_that_is_fresh_and_an_app_cannot_make_one(till, ines, shop, database):
    case_id = Caller(shop).ask(shop.order(("sofa", 1, 90_000))).json()["id"]
    told = ines.lets(till, scope="refunds:read refunds:review")
    _grow_old(database, ines)

    answer = till.http.post(
        f"/api/v1/refunds/{case_id}/approve", "{}", content_type="application/json",
        headers={"Authorization": f"Bearer {told['access_token']}", "Idempotency-Key": "k-1"},
    )  # fmt: skip

    assert (answer.status_code, answer.json()["code"]) == (403, "ACCESS_DENIED")
    assert answer.json()["policies"] == ["never-without-recent-proof"]
    assert till.calls(told["access_token"]) == 200


def _grow_old(database, person):
    """They let the app act for them a quarter of an hour ago and more."""
    with database.superuser() as connection:
        connection.execute(
            "UPDATE allauth_idp_oidc_token SET data = jsonb_set(data, '{auth_time}', to_jsonb(%s::bigint))"
            " WHERE user_id = %s",
            [int(time.time()) - 16 * 60, person.colleague.person_id],
        )


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "60"}])
def test_an_app_may_ask_that_somebody_proves_themselves_now(till, ines, asked):
    session = ines.browser.session
    session["account_authentication_methods"] = [
        one | {"at": time.time() - 3600} for one in session["account_authentication_methods"]
    ]
    session.save()

    answer = ines.browser.get(till.address(**asked))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/2fa/reauthenticate/?next=%2Foauth%2Fauthorize")


def test_the_person_is_known_to_the_app_by_what_they_let_it_know(till, ines):
    def told(token):
        answer = till.http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})
        return answer.status_code, answer.json()

    less = ines.lets(till, scope="openid")["access_token"]
    more = ines.lets(till, scope="openid profile email")["access_token"]
    none = ines.lets(till, scope="refunds:read")["access_token"]
    person_id = str(ines.colleague.person_id)

    assert told(less) == (200, {"sub": person_id})
    assert told(more) == (
        200,
        {"sub": person_id, "email": ines.colleague.email, "email_verified": True, "name": "Ines",
         "recoup_role": "reviewer"},
    )  # fmt: skip
    assert told(none)[0] == 403
    assert told("nonsense")[0] == 401
