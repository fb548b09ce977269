"""A-09: a refresh token that is shown twice ends everything that came of it; and whatever ends a person's access ends
their apps' at once, on every route.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import requests

from proofs.attacks.apps import AppAtWork
from proofs.attacks.ground import Ground, Person
from proofs.attacks.seen import Seen

NAME = "A-09"
TITLE = "A stolen refresh token ends the grant; whoever leaves takes their apps along"

READ = "/api/v1/refunds"
MAIL_S_MAX = 20.0
#: Its own address of this machine: sign-ins are counted by address.
SOURCE = "127.0.9.9"


def run(ground: Ground, seen: Seen) -> None:
    """Reuse in a row and at once, what ends a grant, then a build in which a token is good for ever."""
    app = AppAtWork(ground, ground.one, scopes=("refunds:read", "refunds:review"))
    _shown_again(ground, seen, app)
    _shown_at_once(ground, seen, app)
    _of_another_app(ground, seen, app)
    for words, end in _ends(ground, app):
        person = ground.one.hire("reviewer")
        browser = _browser(ground, person)
        given = app.let_in_by(browser, scope="openid refunds:read refunds:review")
        seen.expect(_reads(ground, given) == 200, f"before {words}: a token is refused")
        end(person, browser)
        seen.expect(_reads(ground, given) == 401, f"after {words}: {_reads(ground, given)} at a read")
        seen.expect(_pays(ground, given) == 401, f"after {words}: {_pays(ground, given)} where money moves")
        seen.expect(app.refreshes(given["refresh_token"]).status_code == 400, f"after {words}: it is refreshed")
    _stays_when_asked(ground, seen, app)
    with ground.broken("forgives_reuse") as url:
        given = app.let_in_by(_browser(ground))
        app.refreshes(given["refresh_token"])
        again = app.asks(url=url, grant_type="refresh_token", refresh_token=given["refresh_token"])
        seen.control(again.status_code == 200, "a web where a refresh token is good as often as one likes")
    _revoked(ground, seen, app)


def _shown_again(ground: Ground, seen: Seen, app: AppAtWork) -> None:
    """The owner refreshed; the thief comes later. Or the other way round: nobody can tell, so both lose."""
    person = ground.one.hire("reviewer")
    first = app.let_in_by(_browser(ground, person))
    second = app.refreshes(first["refresh_token"]).json()
    seen.expect(second["refresh_token"] != first["refresh_token"], "the refresh token was not replaced")
    stolen = app.refreshes(first["refresh_token"])
    seen.expect(stolen.status_code == 400, f"a refresh token is taken twice: {stolen.status_code}")
    seen.expect(stolen.json().get("error") == "invalid_grant", f"it is refused as {stolen.text[:80]}")
    seen.expect(_reads(ground, second) == 401, "the newest access token survived the reuse")
    seen.expect(app.refreshes(second["refresh_token"]).status_code == 400, "the newest refresh token survived")
    told = [one for one in _mails_soon(ground, person) if "cut an app off" in one["subject"]]
    seen.expect(len(told) == 1, f"the person was told {len(told)} times")


def _mails_soon(ground: Ground, person: Person) -> list[dict[str, Any]]:
    """What came for them, once something has."""
    until = time.monotonic() + MAIL_S_MAX
    while not (found := ground.mails(person.email)) and time.monotonic() < until:
        time.sleep(0.2)
    return found


def _shown_at_once(ground: Ground, seen: Seen, app: AppAtWork) -> None:
    """Ten at the same moment: at most one gets tokens, and then nobody has any."""
    first = app.let_in_by(_browser(ground))
    with ThreadPoolExecutor(10) as together:
        answers = list(together.map(lambda _: app.refreshes(first["refresh_token"]), range(10)))
    good = [answer.json() for answer in answers if answer.status_code == 200]
    seen.expect(len(good) <= 1, f"{len(good)} of ten got tokens")
    seen.expect({answer.status_code for answer in answers} <= {200, 400}, f"{[one.status_code for one in answers]}")
    for given in good:
        seen.expect(_reads(ground, given) == 401, "the winner's token is still good")


def _of_another_app(ground: Ground, seen: Seen, app: AppAtWork) -> None:
    """A refresh token is of no use to another app, of this company or of another."""
    given = app.let_in_by(_browser(ground))
    for words, tenant in (("another app", ground.one), ("another company's app", ground.two)):
        other = AppAtWork(ground, tenant)
        seen.expect(other.refreshes(given["refresh_token"]).status_code == 400, f"{words} refreshed it")
    seen.expect(_reads(ground, given) == 200, "somebody else's try ended the grant")


def _ends(ground: Ground, app: AppAtWork) -> Iterator[tuple[str, Callable[[Person, requests.Session], None]]]:
    """Everything that ends what somebody allowed an app."""
    from recoup.identity import actions
    from recoup.identity.actions.end_sign_ins import end_sign_ins
    from recoup.kernel import clock

    def signs_out(_: Person, browser: requests.Session) -> None:
        ground.post_form(browser, "/account/logout/")

    def other_password(person: Person, browser: requests.Session) -> None:
        new = "another calm sentence of nine words"
        told = {"oldpassword": person.password, "password1": new, "password2": new}
        ground.post_form(browser, "/account/password/change/", **told)

    def other_role(person: Person, _: requests.Session) -> None:
        actions.add_member(merchant_id=ground.one.id, email=person.email, name="", password="", role="auditor")

    def off_boarded(person: Person, _: requests.Session) -> None:
        actions.off_board(
            merchant_id=ground.one.id, person_id=person.person_id, works_elsewhere=False, by="attacks", at=clock.now()
        )

    def disabled(person: Person, _: requests.Session) -> None:
        ground.execute("UPDATE identity_person SET is_active = false WHERE id = %s", person.person_id)

    def session_ended(person: Person, _: requests.Session) -> None:
        end_sign_ins(person_id=person.person_id, proofs_too=False)

    yield "signing out", signs_out
    yield "another role", other_role
    yield "off-boarding", off_boarded
    if not ground.is_short:
        yield "another password", other_password
        yield "ending all sessions", session_ended
        yield "disabling the account", disabled


def _stays_when_asked(ground: Ground, seen: Seen, app: AppAtWork) -> None:
    """With `offline_access`, which the person read of, signing out does not end it; another password does."""
    person = ground.one.hire("reviewer")
    browser = _browser(ground, person)
    given = app.let_in_by(browser, scope="openid refunds:read offline_access")
    ground.post_form(browser, "/account/logout/")
    seen.expect(_reads(ground, given) == 200, "an app that may stay does not")
    ground.execute("UPDATE identity_person SET password = 'another' WHERE id = %s", person.person_id)
    seen.expect(_reads(ground, given) == 401, "an app that may stay survives another password")


def _revoked(ground: Ground, seen: Seen, app: AppAtWork) -> None:
    """The company disconnects the app: the last of it."""
    from recoup.identity import actions
    from recoup.kernel import clock

    given = app.let_in_by(_browser(ground))
    actions.revoke_app(merchant_id=ground.one.id, app_id=UUID(app.id), by="attacks", at=clock.now())
    seen.expect(_reads(ground, given) == 401, "a disconnected app's token is good")
    seen.expect(app.refreshes(given["refresh_token"]).status_code in (400, 401), "a disconnected app refreshes")


def _browser(ground: Ground, person: Person | None = None) -> requests.Session:
    return ground.sign_in(person or ground.one.hire("reviewer"), source=SOURCE)


def _reads(ground: Ground, given: dict[str, Any]) -> int:
    return ground.call("GET", READ, token=given["access_token"]).status_code


def _pays(ground: Ground, given: dict[str, Any]) -> int:
    case = ground.one.waiting_case()
    path = f"/api/v1/refunds/{case.id}/approve"
    return ground.call("POST", path, token=given["access_token"], json={}).status_code
