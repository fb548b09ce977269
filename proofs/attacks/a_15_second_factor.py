"""A-15: nobody comes around the second factor: by leaving it out, by a code that was used, guessed or raced, by another
tab or person in between, by a passkey whose holder nobody checked, by taking the factor away, or by another way in.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import urlsplit
from uuid import uuid4

import pyotp
import requests

from proofs.attacks import other_doors
from proofs.attacks.ground import PASSWORD, REQUEST_S_MAX, Ground, Person, _From
from proofs.attacks.passkeys import Passkey
from proofs.attacks.seen import Seen

NAME = "A-15"
TITLE = "Nobody comes around the second factor"

LIMIT = 10
BURST = 24
PROOF = "/account/2fa/authenticate/"
_sources = itertools.count(1)


def run(ground: Ground, seen: Seen) -> None:
    """Every detour with people of its own; then a web in which a factor is believed too easily."""
    door = _Door(ground, seen)
    _left_out(door)
    _used_again(door)
    _guessed(door)
    _guessed_at_once(door)
    _somebody_else_in_between(door)
    _recovery_codes(door)
    _taken_away(door)
    _holder_not_checked(door)
    _without_any(door)
    with ground.broken("nothing", settings=other_doors.settings(ground.house)) as url:
        _by_another_provider(_Door(ground, seen, url=url), url)
    with ground.broken("weak_factors") as url:
        _controls(_Door(ground, seen, url=url))


class _Door:
    """The sign-in, by browsers that are somewhere of their own each."""

    def __init__(self, ground: Ground, seen: Seen, *, url: str | None = None) -> None:
        self.ground, self.seen, self.url = ground, seen, url

    def hire(self) -> Person:
        return self.ground.one.hire("reviewer")

    def browser(self) -> requests.Session:
        session = requests.Session()
        session.mount("http://", _From(f"127.0.15.{next(_sources) % 250 + 1}"))
        return session

    def post(self, session: requests.Session, path: str, **fields: str) -> requests.Response:
        return self.ground.post_form(session, path, url=self.url, **fields)

    def get(self, session: requests.Session, path: str) -> requests.Response:
        return self.ground.call("GET", path, session=session, url=self.url)

    def password(self, person: Person, session: requests.Session | None = None) -> requests.Session:
        """The password was right, and the second proof is asked for."""
        session = session or self.browser()
        token = self.ground.form_token(session, url=self.url)
        fields = {"login": person.email, "password": person.password, "csrfmiddlewaretoken": token}
        self.ground.call("POST", "/account/login/", session=session, url=self.url, data=fields)
        return session

    def code(self, session: requests.Session, code: str) -> bool:
        """Whether the code let them in."""
        self.give(session, code)
        return self.who(session) != ""

    def give(self, session: requests.Session, code: str) -> requests.Response:
        page = session.get(f"{self.url or self.ground.url}{PROOF}", timeout=REQUEST_S_MAX).text
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        fields = {"code": code, "csrfmiddlewaretoken": found[1] if found else ""}
        return self.ground.call("POST", PROOF, session=session, url=self.url, data=fields)

    def who(self, session: requests.Session) -> str:
        """Whose account this browser is signed in to; empty for nobody's."""
        ids = [
            str(person_id)
            for (person_id,) in self.ground.rows(
                "SELECT user_id FROM usersessions_usersession WHERE session_key = %s", self.session_key(session)
            )
        ]
        answer = self.get(session, "/account/email/")
        return "" if answer.status_code != 200 else (ids[0] if ids else "somebody")

    @staticmethod
    def session_key(session: requests.Session) -> str:
        return next((str(one.value) for one in session.cookies if one.name.endswith("recoup")), "")

    def new_proof(self, session: requests.Session) -> None:
        """The password once more, before something is changed."""
        self.post(session, "/account/reauthenticate/", password=PASSWORD)

    def factors(self, person: Person) -> Counter[str]:
        sql = "SELECT type FROM mfa_authenticator WHERE user_id = %s"
        return Counter(kind for (kind,) in self.ground.rows(sql, person.person_id))


def _left_out(door: _Door) -> None:
    session = door.password(door.hire())
    for path in (
        "/review",
        "/account/",
        "/account/email/",
        "/account/2fa/",
        "/staff/webhooks",
        "/account/2fa/totp/deactivate/",
    ):
        answer = door.get(session, path)
        door.seen.expect(answer.status_code in (302, 403, 404), f"{path} without the second step: {answer.status_code}")
    answer = door.post(session, "/account/password/change/", oldpassword=PASSWORD, password1="x", password2="x")
    door.seen.expect(answer.status_code != 200, f"a password without the second step: {answer.status_code}")
    door.seen.expect(door.who(session) == "", "signed in by the password alone")


def _used_again(door: _Door) -> None:
    person = door.hire()
    code = person.code()
    door.seen.expect(door.code(door.password(person), code), "the right code is refused")
    door.ground.execute(
        "DELETE FROM identity_cache WHERE cache_key LIKE %s", f"%allauth.mfa.totp.used%{person.person_id}%"
    )
    zeros = {"again": "0", "in Arabic digits": "\u0660", "in wide digits": "\uff10", "in bold digits": "\U0001d7ce"}
    for words, zero in list(zeros.items())[: 2 if door.ground.is_short else None]:
        written = "".join(chr(ord(zero) + int(digit)) for digit in code)
        door.seen.expect(not door.code(door.password(person), written), f"a used code {words} lets in")
    door.seen.expect(
        not door.code(door.password(person), f" {code[:3]}-{code[3:]}"), "a used code in two groups lets in"
    )


def _guessed(door: _Door) -> None:
    person = door.hire()
    _gives_wrong_codes(door, person)
    door.seen.expect(not door.code(door.password(person), person.code()), "an eleventh code is tried, from elsewhere")
    session = door.password(person)
    door.get(session, "/account/logout/")
    door.post(session, "/account/logout/")
    door.seen.expect(not door.code(door.password(person, session), person.code()), "cancelling begins the count anew")


def _gives_wrong_codes(door: _Door, person: Person) -> None:
    """As many as are tried, from two browsers that are elsewhere."""
    for session in (door.password(person), door.password(person)):
        for _ in range(LIMIT // 2):
            door.give(session, "00000x")


def _guessed_at_once(door: _Door) -> None:
    person = door.hire()
    sessions = [door.password(person) for _ in range(4)]
    gate = Barrier(BURST)

    def guess(turn: int) -> bool:
        session = sessions[turn % len(sessions)]
        copy = requests.Session()
        copy.cookies.update(session.cookies)
        token = door.ground.form_token(copy, url=door.url)
        fields = {"code": f"{turn:05}x", "csrfmiddlewaretoken": token}
        gate.wait(timeout=60)
        text = door.ground.call("POST", PROOF, session=copy, url=door.url, data=fields).text
        return "did not work" in text

    with ThreadPoolExecutor(BURST) as together:
        tried = sum(together.map(guess, range(BURST)))
    door.seen.expect(tried <= LIMIT + 1, f"{tried} codes of a burst were tried")


def _somebody_else_in_between(door: _Door) -> None:
    """A second tab of one browser, and a sign-in that was cancelled: who comes in is whose proof it was."""
    victim, thief = door.hire(), door.hire()
    session = door.password(victim)
    door.password(thief, session)
    door.give(session, thief.code())
    door.seen.expect(door.who(session) != str(victim.person_id), "the thief's code opened the victim's account")
    session = door.password(victim)
    door.post(session, "/account/logout/")
    other = door.hire()
    door.password(other, session)
    door.give(session, other.code())
    door.give(session, other.code())
    page = door.get(session, "/account/email/").text
    door.seen.expect(victim.email not in page, "after cancelling, the victim's account is open")
    door.seen.expect(other.email in page, "after cancelling, one's own account does not open")


def _recovery_codes(door: _Door) -> None:
    person = door.hire()
    codes = _make_codes(door, person)
    door.seen.expect(len(set(codes)) == LIMIT, f"{len(codes)} recovery codes")
    door.seen.expect(door.code(door.password(person), codes[0]), "a recovery code is refused")
    door.seen.expect(not door.code(door.password(person), codes[0]), "a recovery code is good twice")
    sessions = [door.password(person) for _ in range(6)]
    gate = Barrier(len(sessions))

    def race(session: requests.Session) -> bool:
        token = door.ground.form_token(session, url=door.url)
        gate.wait(timeout=60)
        fields = {"code": codes[1], "csrfmiddlewaretoken": token}
        return door.ground.call("POST", PROOF, session=session, url=door.url, data=fields).status_code == 302

    with ThreadPoolExecutor(len(sessions)) as together:
        won = sum(together.map(race, sessions))
    door.seen.expect(won == 1, f"one recovery code let {won} browsers in at once")


def _make_codes(door: _Door, person: Person) -> list[str]:
    session = door.password(person)
    door.code(session, person.code())
    door.new_proof(session)
    door.post(session, "/account/2fa/recovery-codes/generate/")
    page = door.get(session, "/account/2fa/recovery-codes/").text
    again = door.get(session, "/account/2fa/recovery-codes/").text
    door.seen.expect('recovery-codes"' not in again, "recovery codes are shown twice")
    listed = page[page.find('id="recovery-codes"') :]
    return re.findall(r"<li>(\d+)</li>", listed[: listed.find("</ul>")])


def _taken_away(door: _Door) -> None:
    person = door.hire()
    session = door.password(person)
    door.code(session, person.code())
    before = door.factors(person)
    for path in ("totp/deactivate/", "recovery-codes/generate/", "webauthn/add/"):
        answer = door.post(session, f"/account/2fa/{path}", credential="{}", name="Mine")
        to_proof = answer.status_code == 302 and "reauthenticate" in answer.headers["Location"]
        door.seen.expect(to_proof, f"{path} without a new proof: {answer.status_code}")
    door.seen.expect(door.factors(person) == before, "factors changed without a new proof")
    thief = door.hire()
    other = door.password(thief)
    door.code(other, thief.code())
    door.new_proof(other)
    ((factor_id,),) = door.ground.rows("SELECT id FROM mfa_authenticator WHERE user_id = %s", person.person_id)
    for path in (f"webauthn/{factor_id}/remove/", f"webauthn/keys/{factor_id}/remove/"):
        door.post(other, f"/account/2fa/{path}")
    door.seen.expect(door.factors(person) == before, "somebody else's factor was taken away")


def _holder_not_checked(door: _Door) -> None:
    passkey, _ = _with_passkey(door)
    session = door.browser()
    passkey.signs_in(door.ground, session, url=door.url, is_verified=False)
    door.seen.expect(door.who(session) == "", "a passkey lets in whoever holds the device")
    passkey.signs_in(door.ground, session, url=door.url)
    door.seen.expect(door.who(session) != "", "a passkey with its owner's finger is refused")
    stranger = door.browser()
    Passkey().signs_in(door.ground, stranger, url=door.url)
    door.seen.expect(door.who(stranger) == "", "a passkey that nobody added lets in")


def _with_passkey(door: _Door) -> tuple[Passkey, Person]:
    person, passkey = door.hire(), Passkey()
    session = door.password(person)
    door.code(session, person.code())
    door.new_proof(session)
    passkey.is_added(door.ground, session, url=door.url)
    door.seen.expect(door.factors(person)["webauthn"] == 1, "a passkey cannot be added")
    return passkey, person


def _without_any(door: _Door) -> None:
    session = _staff_without(door)
    for path in ("/review", "/staff/webhooks", "/staff/apps", "/review/limits"):
        answer = door.get(session, path)
        where = answer.headers.get("Location", "").partition("?")[0]
        door.seen.expect(where == "/account/2fa/" or answer.status_code == 404, f"{path}: {answer.status_code} {where}")


def _staff_without(door: _Door) -> requests.Session:
    person = door.hire()
    door.ground.execute("DELETE FROM mfa_authenticator WHERE user_id = %s", person.person_id)
    return door.password(person)


def _by_another_provider(door: _Door, url: str) -> None:
    """A provider's word replaces the password at most: whoever works here gives their second factor all the same."""
    from recoup.identity import actions as identity

    hana = door.hire()
    other_doors.known_there(door.ground.house, hana.email)
    session = door.browser()
    answer = other_doors.comes_by(session, url, hana.email)
    door.seen.expect(answer.status_code == 409, f"an account opened by its address: {answer.status_code}")
    door.seen.expect(door.who(session) == "", "a provider's word opened an account that nobody had connected")

    lena = f"lena-{uuid4().hex[:10]}@example.com"
    other_doors.known_there(door.ground.house, lena)
    session = door.browser()
    other_doors.comes_by(session, url, lena)
    door.seen.expect(door.who(session) != "", "nobody comes in by the provider: the rest was not tried")
    person_id = identity.add_member(
        merchant_id=door.ground.one.id, email=lena, name="Lena", password=PASSWORD, role="reviewer"
    )
    session = door.browser()
    other_doors.comes_by(session, url, lena)
    where = door.get(session, "/review").headers.get("Location", "").partition("?")[0]
    door.seen.expect(where == "/account/2fa/", f"staff without a second factor came to {where or 'their desk'}")

    identity.give_authenticator(person_id=person_id, secret=pyotp.random_base32())
    session = door.browser()
    answer = other_doors.comes_by(session, url, lena)
    door.seen.expect(urlsplit(str(answer.url)).path == PROOF, f"the second factor was left out: {answer.url}")
    door.seen.expect(door.get(session, "/review").status_code == 302, "the desk opened without the second factor")


def _controls(door: _Door) -> None:
    person = door.hire()
    code = person.code()
    door.code(door.password(person), code)
    door.seen.control(door.code(door.password(person), code), "a web where a code is good again")
    _gives_wrong_codes(door, person)
    door.seen.control(door.code(door.password(person), code), "a web that does not count wrong codes")
    passkey, _ = _with_passkey(door)
    session = door.browser()
    passkey.signs_in(door.ground, session, url=door.url, is_verified=False)
    door.seen.control(door.who(session) != "", "a web that takes a passkey whoever holds it")
    answer = door.get(_staff_without(door), "/review")
    door.seen.control(answer.status_code == 200, "a web where staff need no second factor")
