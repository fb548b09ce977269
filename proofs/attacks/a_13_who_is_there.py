"""A-13: whoever types an address learns nothing about it. Each door says the same, with the same status and headers and
in the same time, whether there is an account with a password, one without, or none. So do a wrong code, and the page
that finds a refund: for its shopper, for somebody else, and for a number that no refund has.
"""

from __future__ import annotations

import itertools
import random
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import erfc, sqrt

import requests

from proofs.attacks import cells
from proofs.attacks.ground import REQUEST_S_MAX, Ground, _From
from proofs.attacks.seen import Seen
from recoup.kernel import ids

NAME = "A-13"
TITLE = "Nobody learns from a door who has an account"

SAMPLES, SAMPLES_SHORT = 200, 8
#: Chance makes a difference of this kind once in a hundred times, so one is believed when it is seen three times.
P, ROUNDS, CONTROL_ROUNDS = 0.01, 3, 5
#: What a queue in front of a busy machine hides anyway, in seconds; the gate's form measures beside other work.
SMALLEST, SMALLEST_SHORT = 0.002, 0.012
WRONG = "quite another sentence"

_sources = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Door:
    """Where an address is typed, in which field, with what else."""

    path: str
    name: str
    more: dict[str, str] = field(default_factory=dict)


DOORS = {
    "a password": Door("/account/login/", "login", {"password": WRONG}),
    "a code": Door("/account/login/", "login"),
    "a code, by the old address": Door("/account/login/code/", "email"),
    "another password": Door("/account/password/reset/", "email"),
    "an account": Door("/account/signup/", "email", {"password1": "harbour violet kettle nineteen"}),
}
#: The doors whose time is taken; the gate's form leaves out those behind which nobody is looked up.
TIMED, TIMED_SHORT = tuple(DOORS), ("a password", "another password")
#: How often the page that finds a refund is asked for one: often enough to meet its limit.
ASKED = 8


def run(ground: Ground, seen: Seen) -> None:
    """Each door with all three, then with a stopwatch; the second steps; then a web that is careless of both."""
    crowd = _Crowd(ground, SAMPLES_SHORT if ground.is_short else SAMPLES)
    for name, door in DOORS.items():
        _same_words(ground, seen, crowd, name, door)
    _second_steps(ground, seen, crowd)
    _refunds(ground, seen)
    for name in TIMED_SHORT if ground.is_short else TIMED:
        found = _slower(ground, crowd, DOORS[name])
        seen.expect(not found, f"{name}: {found}")
    if not ground.is_short:
        found = _refunds_slower(ground, ROUNDS)
        seen.expect(not found, f"a refund's door: {found}")
    with ground.broken("tells_who_is_there") as url:
        before = seen.findings.copy()
        _same_words(ground, seen, crowd, "a broken door", DOORS["another password"], url=url)
        told = seen.findings[len(before) :]
        seen.findings[:] = before
        seen.control(told, "a web that says which addresses it knows")
        rounds = (_seen_once(ground, crowd, DOORS["a password"], url=url) for _ in range(CONTROL_ROUNDS))
        seen.control(any(rounds), "a web that computes no hash for nobody's password")
        if not ground.is_short:
            seen.control(_refunds_slower(ground, 1, url=url), "a web that answers for a refund when it is ready")


class _Crowd:
    """People with accounts, of which half have a password; and addresses of nobody."""

    def __init__(self, ground: Ground, many: int) -> None:
        from recoup.identity import actions as identity
        from recoup.kernel import clock

        example = ground.one.hire("support")
        ((hashed,),) = ground.rows("SELECT password FROM identity_person WHERE id = %s", example.person_id)
        self.with_password, self.without = _addresses("has"), _addresses("codes")
        self.many, self._of = many, {"with a password": [], "without": []}  # type: dict[str, list[str]]
        for kind, emails in (("with a password", self.with_password), ("without", self.without)):
            for email in itertools.islice(emails, many):
                person_id = identity.enter_by_code(email=email, at=clock.now())
                if kind == "with a password":
                    ground.execute("UPDATE identity_person SET password = %s WHERE id = %s", hashed, person_id)
                self._of[kind].append(email)

    def of(self, kind: str, turn: int) -> str:
        """An address of that kind: a new one each time for nobody, and seldom the same one for the others."""
        return next(_addresses("no")) if kind == "nobody" else self._of[kind][turn % self.many]


KINDS = ("with a password", "without", "nobody")


def _addresses(word: str) -> Iterator[str]:
    """All as long as each other."""
    return (f"{word:_<6}{secrets.token_hex(6)}@example.com" for _ in itertools.count())


def _ask(
    ground: Ground, door: Door, email: str, *, url: str | None = None, session: requests.Session | None = None
) -> requests.Response:
    """One browser that was never here, from somewhere of its own."""
    browser = session if session is not None else requests.Session()
    turn = next(_sources)
    browser.mount("http://", _From(f"127.0.13.{turn % 250 + 1}"))
    fields = {door.name: email, **door.more}
    if "csrf" not in browser.headers:
        browser.headers["csrf"] = ground.form_token(browser, url=url)
    return ground.post_form(browser, door.path, url=url, **fields)


def _same_words(ground: Ground, seen: Seen, crowd: _Crowd, name: str, door: Door, *, url: str | None = None) -> None:
    """The answer, the page it leads to, and the names of all headers and cookies."""
    browsers = {kind: requests.Session() for kind in KINDS}
    emails = {kind: crowd.of(kind, 0) for kind in KINDS}
    first = {kind: _ask(ground, door, emails[kind], url=url, session=browsers[kind]) for kind in KINDS}
    after = {kind: _follow(ground, browsers[kind], first[kind], url=url) for kind in KINDS}
    nobody = "nobody"
    seen.expect(first[nobody].status_code in (200, 302, 422), f"{name}: {first[nobody].status_code}")
    for kind in ("with a password", "without"):
        for one, other in ((first[kind], first[nobody]), (after[kind], after[nobody])):
            said, silent = _told(one, emails[kind]), _told(other, emails[nobody])
            seen.expect(said == silent, f"{name}, {kind}: {cells.apart(one, other) or (said[:2], silent[:2])}")


def _follow(
    ground: Ground, browser: requests.Session, answer: requests.Response, *, url: str | None
) -> requests.Response:
    where = answer.headers.get("Location", "")
    return ground.call("GET", where, session=browser, url=url) if where.startswith("/") else answer


def _told(answer: requests.Response, *typed: str) -> tuple[int, list[str], bytes]:
    """Everything that anybody could compare, but for what was typed and what is new in each answer."""
    cookies = sorted(cookie.name for cookie in answer.cookies)
    headers = sorted(name.lower() for name in answer.headers if name.lower() != "content-length")
    where, body = answer.headers.get("Location", ""), cells.bare(answer)
    for word in typed:
        where, body = where.replace(requests.utils.quote(word), "..."), body.replace(word.encode(), b"...")
    return answer.status_code, [where, *cookies, *headers], body


def _second_steps(ground: Ground, seen: Seen, crowd: _Crowd) -> None:
    """A wrong code after a reset and after a sign-in, until no more is tried."""
    steps = {
        "a wrong code for another password": (DOORS["another password"], "/account/password/reset/confirm/"),
        "a wrong code to sign in": (DOORS["a code"], "/account/login/code/confirm/"),
    }
    for name, (door, path) in steps.items():
        heard: dict[str, list[tuple[int, list[str], bytes]]] = {}
        for kind in KINDS:
            browser, email = requests.Session(), crowd.of(kind, 1)
            _ask(ground, door, email, session=browser)
            answers = [ground.post_form(browser, path, code="000-00") for _ in range(4)]
            heard[kind] = [_told(answer, email) for answer in answers]
        for kind in ("with a password", "without"):
            seen.expect(heard[kind] == heard["nobody"], f"{name}, {kind}: other answers than for nobody")


def _refunds(ground: Ground, seen: Seen) -> None:
    """Whose refund it is, and whether there is one, is not told by the answers either, nor by when they are refused."""
    case = ground.one.case()
    asked = {
        "its shopper": (case.number, case.email),
        "somebody else": (case.number, next(_addresses("no"))),
        "no refund": (ids.case_number(), next(_addresses("no"))),
    }
    heard: dict[str, list[tuple[int, list[str], bytes]]] = {}
    for kind, (number, email) in asked.items():
        browser = requests.Session()
        door = Door("/cases", "contact", {"number": number})
        answers = [_ask(ground, door, email, session=browser) for _ in range(ASKED)]
        answers.append(ground.post_form(browser, "/cases/code", code="000000"))
        heard[kind] = [_told(answer, email, number) for answer in answers]
    statuses = {kind: [told[0] for told in answers] for kind, answers in heard.items()}
    for kind in ("somebody else", "no refund"):
        seen.expect(heard[kind] == heard["its shopper"], f"a refund, {kind}: {statuses[kind]}, not as its shopper")


#: A case's shopper is sent six codes in an hour, so each case is asked for seldom.
ASKED_OF_ONE = 5


def _refunds_slower(ground: Ground, rounds: int, *, url: str | None = None) -> str:
    """What can be seen from how long the page takes that finds a refund; for its shopper, and for anybody else."""
    found = ""
    for _ in range(rounds):
        cases = [ground.one.case() for _ in range(SAMPLES // ASKED_OF_ONE)]
        times: dict[str, list[float]] = {kind: [] for kind in KINDS}
        dice = random.Random(13)
        for turn in range(SAMPLES):
            case = cases[turn % len(cases)]
            asked = {
                "with a password": (case.number, case.email),
                "without": (case.number, next(_addresses("no"))),
                "nobody": (ids.case_number(), next(_addresses("no"))),
            }
            for kind in dice.sample(KINDS, len(KINDS)):
                number, email = asked[kind]
                browser = requests.Session()
                browser.mount("http://", _From(f"127.0.13.{next(_sources) % 250 + 1}"))
                browser.headers["csrf"] = ground.form_token(browser, url=url)
                door = Door("/cases", "contact", {"number": number})
                send = _sender(ground, door, email, url=url, session=browser)
                began = time.perf_counter()
                send()
                times[kind].append(time.perf_counter() - began)
        found = _apart(times, smallest=SMALLEST)
        if not found:
            return ""
    words = {"with a password": "its shopper", "without": "somebody else"}
    kind, _, rest = found.partition(",")
    return f"{words[kind]},{rest}"


def _slower(ground: Ground, crowd: _Crowd, door: Door, *, url: str | None = None) -> str:
    """What can be seen from how long the door takes: in words, empty for nothing. Seen again each time, or not seen."""
    found = ""
    for _ in range(ROUNDS):
        found = _seen_once(ground, crowd, door, url=url)
        if not found:
            return ""
    return found


def _seen_once(ground: Ground, crowd: _Crowd, door: Door, *, url: str | None = None) -> str:
    times = _times(ground, crowd, door, url=url)
    return _apart(times, smallest=SMALLEST_SHORT if ground.is_short else SMALLEST)


def _times(ground: Ground, crowd: _Crowd, door: Door, *, url: str | None) -> dict[str, list[float]]:
    """All three in turn, in an order that is another one each time, so that whatever slows the machine slows all."""
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    dice = random.Random(13)
    first = requests.Session()
    token = ground.form_token(first, url=url)
    for turn in range(-1, crowd.many):
        for kind in dice.sample(KINDS, len(KINDS)):
            browser = requests.Session()
            browser.mount("http://", _From(f"127.0.13.{next(_sources) % 250 + 1}"))
            browser.headers["csrf"] = token
            browser.cookies.update(first.cookies)
            send = _sender(ground, door, crowd.of(kind, turn), url=url, session=browser)
            began = time.perf_counter()
            send()
            if turn >= 0:  # the first round warms up
                times[kind].append(time.perf_counter() - began)
    return times


def _sender(
    ground: Ground, door: Door, email: str, *, url: str | None, session: requests.Session
) -> Callable[[], requests.Response]:
    fields = {"csrfmiddlewaretoken": str(session.headers["csrf"]), door.name: email, **door.more}
    address = f"{url or ground.url}{door.path}"
    return lambda: session.post(address, data=fields, allow_redirects=False, timeout=REQUEST_S_MAX)


def _apart(times: dict[str, list[float]], *, smallest: float) -> str:
    for kind in ("with a password", "without"):
        chance = mann_whitney(times[kind], times["nobody"])
        gap = statistics.median(times[kind]) - statistics.median(times["nobody"])
        if chance <= P and abs(gap) >= smallest:
            return f"{kind}, {gap * 1000:+.1f} ms against nobody (p = {chance:.2g})"
    return ""


def mann_whitney(one: list[float], other: list[float]) -> float:
    """How likely both come from one distribution: the two-sided p of the rank sum, by its normal approximation."""
    together = sorted([*((value, 1) for value in one), *((value, 0) for value in other)])
    ranks: dict[float, float] = {}
    for value, same in itertools.groupby(enumerate(together, 1), key=lambda pair: pair[1][0]):
        ranks[value] = statistics.fmean(rank for rank, _ in same)
    m, n = len(one), len(other)
    above = sum(ranks[value] for value in one) - m * (m + 1) / 2
    sigma = sqrt(m * n * (m + n + 1) / 12)
    return erfc(abs(above - m * n / 2) / sigma / sqrt(2))
