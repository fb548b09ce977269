"""A-14: a reset of a password takes over no account: not by a letter that leads elsewhere or goes to somebody else, nor
by a code that is old, used, replaced, guessed or another browser's; and what it changes, its owner is told.
"""

from __future__ import annotations

import itertools
import re
import time
from urllib.parse import urlencode, urlsplit

import requests

from proofs.attacks import raw
from proofs.attacks.ground import Ground, Person, _From
from proofs.attacks.seen import Seen

NAME = "A-14"
TITLE = "A reset of a password takes over no account"

EVIL = "evil.example"
RESET, CONFIRM, COMPLETE = (
    "/account/password/reset/",
    "/account/password/reset/confirm/",
    "/account/password/reset/complete/",
)
NEW = "harbour violet kettle nineteen"
#: Codes that are tried for one reset, and how long one is good.
TRIES, LIVES_S = 3, 600
WAIT_S = 60.0
_sources = itertools.count(1)


def run(ground: Ground, seen: Seen) -> None:
    """Where the letters lead and go, what the codes are good for, what is left of the account; then a careless web."""
    mailbox = _Mailbox(ground)
    _hosts(ground, seen, mailbox)
    _addresses(ground, seen, mailbox)
    _codes(ground, seen, mailbox)
    _afterwards(ground, seen, mailbox)
    with ground.broken("resets_carelessly") as url:
        _controls(ground, seen, mailbox, url)


class _Mailbox:
    """What the practice town's catcher holds, once the worker has sent it."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def newest(self, email: str, *, many: int = 1, subject: str = "") -> dict[str, str]:
        """The newest of that subject, once there are so many of them."""
        until = time.monotonic() + WAIT_S
        while True:
            found = [mail for mail in self._ground.mails(email) if subject.lower() in str(mail["subject"]).lower()]
            if len(found) >= many:
                return found[-1]
            if time.monotonic() > until:
                raise RuntimeError(f"{len(found)} of {many} mails {subject!r} came to {email}")
            time.sleep(0.1)

    def code(self, email: str, *, many: int = 1) -> str:
        found = re.search(r"\b(\d{6})\b", str(self.newest(email, many=many, subject="new password")["text"]))
        return found[1] if found else ""


def _browser() -> requests.Session:
    session = requests.Session()
    session.mount("http://", _From(f"127.0.14.{next(_sources) % 250 + 1}"))
    return session


def _nobody() -> str:
    return f"nobody-{next(_sources)}-{time.time_ns()}@example.com"


def _asks(ground: Ground, email: str, *, url: str | None = None, **headers: str) -> requests.Session:
    """A browser that asked for another password."""
    browser = _browser()
    _ask(ground, browser, email, url=url, **headers)
    return browser


def _ask(
    ground: Ground, browser: requests.Session, email: str, *, url: str | None = None, **headers: str
) -> requests.Response:
    fields = {"csrfmiddlewaretoken": ground.form_token(browser, url=url), "email": email}
    if "Host" in headers:  # requests keeps cookies by the host that is named
        headers["Cookie"] = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)
    return ground.call("POST", RESET, session=browser, url=url, data=fields, headers=headers)


def _gives(ground: Ground, browser: requests.Session, code: str, *, url: str | None = None) -> bool:
    """Whether the code opens the page of the new password."""
    answer = ground.post_form(browser, CONFIRM, url=url, code=code)
    return answer.headers.get("Location", "").startswith(COMPLETE)


def _sets(ground: Ground, browser: requests.Session, password: str = NEW, *, url: str | None = None) -> bool:
    answer = ground.post_form(browser, COMPLETE, url=url, password1=password, password2=password)
    return answer.status_code == 302 and "done" in answer.headers.get("Location", "")


# Where the letters lead -----------------------------------------------------------------------------------------------


def _hosts(ground: Ground, seen: Seen, mailbox: _Mailbox) -> None:
    """Another host in each place where a request can name one. Refused, or the letter leads to us all the same."""
    named = {
        "Host": {"Host": EVIL},
        "X-Forwarded-Host": {"X-Forwarded-Host": EVIL},
        "Forwarded": {"Forwarded": f"host={EVIL}"},
        "X-Original-Host": {"X-Original-Host": EVIL, "X-Host": EVIL, "X-Forwarded-Server": EVIL},
    }
    asked = {}
    for name, headers in named.items():
        browser, email = _browser(), _nobody()
        answer = _ask(ground, browser, email, **headers)
        seen.expect(EVIL not in answer.text + answer.headers.get("Location", ""), f"{name}: the answer names it")
        if answer.status_code == 302:
            asked[name] = email
        else:
            seen.expect(400 <= answer.status_code < 500, f"{name}: {answer.status_code}")
    for name, (email, is_taken) in _raw_hosts(ground).items():
        if is_taken:
            asked[name] = email
    seen.expect("X-Forwarded-Host" in asked, "a header that means nothing to us stops a reset")
    ours = f"http://{urlsplit(ground.url).netloc}"
    for name, email in asked.items():
        mail = mailbox.newest(email)
        links = re.findall(r"https?://[^\s<>\"]+", str(mail["text"]))
        seen.expect(EVIL not in str(mail), f"{name}: the letter names {EVIL}")
        seen.expect(links and all(_is_ours(link, ground) for link in links), f"{name}: {links}, not {ours}")


def _is_ours(link: str, ground: Ground) -> bool:
    from django.conf import settings

    hosts = {urlsplit(ground.url).hostname, urlsplit(settings.PUBLIC_URL).hostname}
    return urlsplit(link).hostname in hosts


def _raw_hosts(ground: Ground) -> dict[str, tuple[str, bool]]:
    """The host in the first line, and two of them: an address of nobody, and whether a letter was promised to it."""
    browser = _browser()
    token = ground.form_token(browser)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)
    ours = urlsplit(ground.url).netloc
    found = {}
    shapes = {
        "absolute address": (f"http://{EVIL}{RESET}", [f"Host: {ours}"]),
        "two hosts": (RESET, [f"Host: {ours}", f"Host: {EVIL}"]),
        "two hosts, ours last": (RESET, [f"Host: {EVIL}", f"Host: {ours}"]),
        "host with a port": (RESET, [f"Host: {ours.split(':')[0]}:80@{EVIL}"]),
    }
    for name, (target, hosts) in shapes.items():
        email = _nobody()
        body = urlencode({"csrfmiddlewaretoken": token, "email": email})
        lines = [f"POST {target} HTTP/1.1", *hosts, f"Cookie: {cookies}", f"Content-Length: {len(body)}",
                 "Content-Type: application/x-www-form-urlencoded", "", body]  # fmt: skip
        heard = raw.said(ground.url, "\r\n".join(lines).encode())
        found[name] = (email, bool(heard) and heard[0][0] == 302)
    return found


# Where the letters go -------------------------------------------------------------------------------------------------


def _addresses(ground: Ground, seen: Seen, mailbox: _Mailbox) -> None:
    """More than one address, another line, a letter that looks alike: nobody else gets the victim's code."""
    victim, thief = ground.one.hire("reviewer"), _nobody()
    for typed in (
        f"{victim.email}\r\nBcc: {thief}",
        f"{victim.email}\nCc: {thief}",
        f"{victim.email}%0d%0aBcc:{thief}",
        f"{victim.email},{thief}",
        f"{victim.email};{thief}",
        f"{victim.email} {thief}",
        f'"{victim.email}" <{thief}>',
    ):
        answer = _ask(ground, _browser(), typed)
        seen.expect(answer.status_code in (200, 422), f"{typed!r}: {answer.status_code}")
    alike = victim.email.replace("i", "\N{LATIN SMALL LETTER DOTLESS I}")
    wide = victim.email.replace("e", "\N{FULLWIDTH LATIN SMALL LETTER E}")
    both = _browser()
    fields = [("csrfmiddlewaretoken", ground.form_token(both)), ("email", victim.email), ("email", thief)]
    ground.call("POST", RESET, session=both, data=fields)
    for typed in (alike, wide):
        _ask(ground, _browser(), typed)
    mail = mailbox.newest(thief)
    seen.expect("no account" in str(mail["subject"]), f"the last of two addresses was sent {mail['subject']!r}")
    codes = [
        str(mail["to"]) for typed in (thief, alike, wide) for mail in ground.mails(typed)
        if "new password" in str(mail["subject"])
    ]  # fmt: skip
    seen.expect(not codes, f"codes went to {codes}")
    seen.expect(not ground.mails(victim.email), "a form that was refused sent its letter")


# What the codes are good for ------------------------------------------------------------------------------------------


def _codes(ground: Ground, seen: Seen, mailbox: _Mailbox) -> None:
    victim = ground.one.hire("reviewer")
    browser = _asks(ground, victim.email)
    first = mailbox.code(victim.email)
    _ask(ground, browser, victim.email)
    second = mailbox.code(victim.email, many=2)
    seen.expect(first == second or not _gives(ground, browser, first), "an old code is good after a new one")
    seen.expect(not _gives(ground, _browser(), second), "a code is good in a browser that asked for nothing")
    stranger = _asks(ground, _nobody())
    seen.expect(not _gives(ground, stranger, second), "a code is good in a browser that asked for somebody else")
    seen.expect(not _sets(ground, browser), "a new password without a code")
    seen.expect(_gives(ground, browser, second), "the newest code is refused")
    page = ground.call("GET", COMPLETE, session=browser)
    seen.expect(second not in page.url + page.text, "the code is in the page or its address")
    policy = page.headers.get("Referrer-Policy", "")
    seen.expect(policy in ("same-origin", "no-referrer"), f"the page tells others where it was: {policy!r}")
    seen.expect(_sets(ground, browser), "the new password is refused")
    seen.expect(not _gives(ground, browser, second), "a code is good again")
    seen.expect(not _sets(ground, browser, "another harbour of kettles"), "one code sets two passwords")
    _old(ground, seen, mailbox)
    _guessed(ground, seen, mailbox)


def _old(ground: Ground, seen: Seen, mailbox: _Mailbox) -> None:
    """The browser's session is made older; nobody waits for ten minutes."""
    victim = ground.one.hire("reviewer")
    browser = _asks(ground, victim.email)
    code = mailbox.code(victim.email)
    _make_older(browser, LIVES_S + 1)
    seen.expect(not _gives(ground, browser, code), f"a code is good after {LIVES_S // 60} minutes")


def _make_older(browser: requests.Session, seconds: int) -> None:
    from importlib import import_module

    from django.conf import settings

    key = next(str(one.value) for one in browser.cookies if one.name.endswith("recoup"))
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key=key)
    state = session["account_password_reset_verification"]
    session["account_password_reset_verification"] = {**state, "at": state["at"] - seconds}
    session.save()


def _guessed(ground: Ground, seen: Seen, mailbox: _Mailbox) -> None:
    victim = ground.one.hire("reviewer")
    browser = _asks(ground, victim.email)
    code = mailbox.code(victim.email)
    for _ in range(TRIES):
        ground.post_form(browser, CONFIRM, code="00000x")
    seen.expect(not _gives(ground, browser, code), f"more than {TRIES} codes are tried")


# What is left of the account ------------------------------------------------------------------------------------------


def _afterwards(ground: Ground, seen: Seen, mailbox: _Mailbox) -> None:
    """Whoever has the mailbox still lacks the second factor; the thief's old session is over; the owner is told."""
    victim = ground.one.hire("reviewer")
    before = ground.sign_in(victim, source="127.0.14.251")
    seen.expect(_is_in(ground, before), "the session from before is not open")
    browser = _asks(ground, victim.email)
    _gives(ground, browser, mailbox.code(victim.email))
    seen.expect(_sets(ground, browser), "the new password is refused")
    seen.expect(not _is_in(ground, before), "a session from before goes on")
    seen.expect(not _is_in(ground, browser), "the reset signs in by itself")
    seen.expect(_signs_in(ground, victim, victim.password) == "refused", "the old password still opens the account")
    asked = _signs_in(ground, victim, NEW)
    seen.expect(asked == "second factor", f"after a reset, the second factor: {asked}")
    told = str(mailbox.newest(victim.email, subject="You have a new")["text"])
    seen.expect("/account/not-me/" in told, "the owner is told without a way to say that it was not them")


def _is_in(ground: Ground, browser: requests.Session) -> bool:
    return ground.call("GET", "/account/email/", session=browser).status_code == 200


def _signs_in(ground: Ground, person: Person, password: str) -> str:
    browser = _browser()
    answer = ground.post_form(browser, "/account/login/", login=person.email, password=password)
    if answer.status_code != 302:
        return "refused"
    return "second factor" if "/2fa/authenticate" in answer.headers["Location"] else "none"


def _controls(ground: Ground, seen: Seen, mailbox: _Mailbox, url: str) -> None:
    email = _nobody()
    _asks(ground, email, url=url, Host=EVIL)
    seen.control(EVIL in str(mailbox.newest(email)["text"]), "a web whose letters lead to the host of the request")
    victim = ground.one.hire("reviewer")
    before = ground.sign_in(victim, url=url, source="127.0.14.252")
    browser = _asks(ground, victim.email, url=url)
    code = mailbox.code(victim.email)
    _make_older(browser, LIVES_S + 1)
    seen.control(_gives(ground, browser, code, url=url), "a web whose codes live for ever")
    _sets(ground, browser, url=url)
    answer = ground.call("GET", "/account/email/", session=before, url=url)
    seen.control(answer.status_code == 200, "a web where a new password ends no session")
    seen.control(_sets(ground, browser, "another harbour of kettles", url=url), "a web where a code is good again")
