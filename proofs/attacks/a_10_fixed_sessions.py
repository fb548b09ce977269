"""A-10: a session's number that somebody planted or saw before is worth nothing after a sign-in, a second factor, a
proof given again, another role, or the sign-out; its cookie stays where it belongs; and its time ends.
"""

from __future__ import annotations

import itertools
import secrets

import requests

from proofs.attacks.ground import PASSWORD, REQUEST_S_MAX, Ground, Person, _From
from proofs.attacks.seen import Seen

NAME = "A-10"
TITLE = "A session's number that others know opens nothing, and no session lasts"

INVENTED = "attackerattackerattackerattacker"
HTTPS = {"RECOUP_PUBLIC_URL": "https://refunds.example", "RECOUP_TRUSTED_PROXIES": "127.0.0.0/8"}
IDLE_S, LASTS_S = 30 * 60, 12 * 3600
_sources = itertools.count(1)


def run(ground: Ground, seen: Seen) -> None:
    """Each with people of its own; then a web that keeps its sessions, and one without the settings of the cookies."""
    for planted in (_given(ground),) if ground.is_short else (INVENTED, _given(ground)):
        kept = _planted(ground, planted)
        seen.expect(not kept, f"a planted number is signed in after {kept}")
    _renewed(ground, seen)
    _cookies(ground, seen)
    too_old = _too_old(ground)
    seen.expect(not too_old, f"open: {too_old}")
    with ground.broken("keeps_sessions") as url:
        kept = _planted(ground, _given(ground, url=url), url=url)
        seen.control(bool(kept), "a web that keeps the number at a sign-in")
        seen.control(bool(_too_old(ground, url=url)), "a web whose sessions never end")


class _Browser:
    """A browser somewhere of its own, and the numbers that its session has had."""

    def __init__(self, ground: Ground, *, url: str | None = None, number: str = "") -> None:
        self._ground, self._url = ground, url
        self.session = requests.Session()
        self.session.mount("http://", _From(f"127.0.10.{next(_sources) % 250 + 1}"))
        if number:
            self.session.cookies.set("recoup", number, domain="127.0.0.1", path="/")

    @property
    def number(self) -> str:
        """The newest cookie of the session."""
        return next((str(one.value) for one in self.session.cookies if one.name.endswith("recoup")), "")

    def post(self, path: str, **fields: str) -> requests.Response:
        """A form, with the token of the page it is on."""
        page = self.session.get(f"{self._url or self._ground.url}{path}", timeout=REQUEST_S_MAX)
        token = page.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        data = {"csrfmiddlewaretoken": token, **fields}
        return self._ground.call("POST", path, session=self.session, url=self._url, data=data)

    def password(self, person: Person) -> None:
        """The first step."""
        self.post("/account/login/", login=person.email, password=PASSWORD)

    def code(self, person: Person) -> None:
        """The second."""
        self.post("/account/2fa/authenticate/", code=person.code())


def _given(ground: Ground, *, url: str | None = None) -> str:
    """The number of a session that the product gave to the attacker, who is not signed in."""
    attacker = _Browser(ground, url=url)
    attacker.post("/account/login/", login="attacker@elsewhere.example")
    if not attacker.number:
        raise RuntimeError("no session was given before the sign-in")
    return attacker.number


def _opens(ground: Ground, number: str, *, url: str | None = None) -> bool:
    """Whether a browser with that number is signed in."""
    answer = ground.call("GET", "/account/email/", session=_Browser(ground, number=number).session, url=url)
    return answer.status_code == 200


def _planted(ground: Ground, number: str, *, url: str | None = None) -> str:
    """After which step of the victim the attacker, who knows the number, is signed in; empty for none."""
    person = ground.one.hire("reviewer")
    victim = _Browser(ground, url=url, number=number)
    victim.password(person)
    if _opens(ground, number, url=url):
        return "the password"
    victim.code(person)
    return "the second factor" if _opens(ground, number, url=url) else ""


def _renewed(ground: Ground, seen: Seen) -> None:
    person, browser = ground.one.hire("reviewer"), _Browser(ground)
    steps = {
        "the password": lambda: browser.password(person),
        "the second factor": lambda: browser.code(person),
        "a proof given again": lambda: browser.post("/account/reauthenticate/", password=PASSWORD),
        "another role": lambda: _promoted(ground, person, browser),
    }
    numbers: list[str] = [_given(ground)]
    browser.session.cookies.set("recoup", numbers[0], domain="127.0.0.1", path="/")
    for words, step in steps.items():
        step()
        seen.expect(browser.number not in ("", *numbers), f"the same number after {words}")
        numbers.append(browser.number)
    *old, newest = numbers
    for number, words in zip(old, steps, strict=True):
        seen.expect(not _opens(ground, number), f"the number from before {words} is signed in")
    seen.expect(_opens(ground, newest), "the newest number is not signed in")
    browser.post("/account/logout/")
    seen.expect(not _opens(ground, newest), "the number is signed in after the sign-out")


def _promoted(ground: Ground, person: Person, browser: _Browser) -> None:
    """They get another role, and go on with their work."""
    ground.call("GET", "/review", session=browser.session)
    ground.execute("UPDATE identity_membership SET role = 'manager' WHERE person_id = %s", person.person_id)
    ground.call("GET", "/review", session=browser.session)


def _cookies(ground: Ground, seen: Seen) -> None:
    told = _set_cookies(ground, None)
    for name, attributes in told.items():
        seen.expect("httponly" in attributes and "samesite=lax" in attributes, f"{name}: {attributes}")
    with ground.broken("nothing", settings=HTTPS) as url:
        behind = _set_cookies(ground, url)
    seen.expect("__Host-recoup" in behind, f"no session's cookie behind https: {sorted(behind)}")
    for name, attributes in behind.items():
        seen.expect(name.startswith("__Host-"), f"{name} has no __Host-")
        for wanted in ("secure", "httponly", "samesite=lax", "path=/"):
            seen.expect(wanted in attributes, f"{name} without {wanted}")
        seen.expect(not any(one.startswith("domain") for one in attributes), f"{name} is for other hosts too")
    seen.control(not any(name.startswith("__Host-") for name in told), "a web that is not behind https")


def _set_cookies(ground: Ground, url: str | None) -> dict[str, set[str]]:
    """The cookies of a first step at the sign-in, with their attributes in small letters."""
    headers = {"X-Forwarded-Proto": "https"} if url else {}
    if url:
        headers["Origin"] = HTTPS["RECOUP_PUBLIC_URL"]
    session = requests.Session()
    session.mount("http://", _From(f"127.0.10.{next(_sources) % 250 + 1}"))
    page = ground.call("GET", "/account/login/", session=session, url=url, headers=headers)
    token = page.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    jar = "; ".join(f"{one.name}={one.value}" for one in page.cookies)
    data = {"csrfmiddlewaretoken": token, "login": "cookies@elsewhere.example"}
    sent = ground.call("POST", "/account/login/", url=url, headers=headers | {"Cookie": jar}, data=data)
    lines = [line for answer in (page, sent) for line in answer.raw.headers.getlist("Set-Cookie")]
    told = {}
    for line in lines:
        name, *rest = line.split(";")
        told[name.partition("=")[0].strip()] = {part.strip().lower() for part in rest}
    return told


def _too_old(ground: Ground, *, url: str | None = None) -> str:
    """Which sessions are still signed in although their time is over; empty for none."""
    from django.conf import settings
    from django.utils.module_loading import import_string

    person, browser = ground.one.hire("reviewer"), _Browser(ground, url=url)
    browser.password(person)
    browser.code(person)
    if not _opens(ground, browser.number, url=url):
        raise RuntimeError("nobody is signed in")
    store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    found = []
    for words, aged in {"idle for half an hour": {"seen": IDLE_S}, "after twelve hours": {"began": LASTS_S}}.items():
        session = store(browser.number)
        told = dict(session.items()) | {name: session[name] - by for name, by in aged.items()}
        number = secrets.token_hex(16)
        # Its row lives on, so that the product's own look at the times is what is attacked.
        ground.execute(
            "INSERT INTO django_session (session_key, session_data, expire_date)"
            " VALUES (%s, %s, now() + interval '1 day')",
            number,
            session.encode(told),
        )
        if _opens(ground, number, url=url):
            found.append(words)
    return ", ".join(found)
