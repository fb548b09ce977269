"""A-12: a password is guessed neither in a row nor at once, neither from one place nor from many, however the account
is written; and none of that keeps its owner out.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import requests

from proofs.attacks.ground import PASSWORD, Ground, Person, _From
from proofs.attacks.passkeys import Passkey
from proofs.attacks.seen import Seen

NAME = "A-12"
TITLE = "Nobody guesses a password, and guessing locks nobody out"

LIMIT = 10
#: What one network may send to the sign-in page in a minute, whoever it names (django-allauth's own limit).
FORMS_A_MINUTE = 30
BURST = 40
_TRUSTING = {"RECOUP_TRUSTED_PROXIES": "127.0.0.1/32"}


def run(ground: Ground, seen: Seen) -> None:
    """One account and many passwords, many accounts and one, the owner afterwards; then a web that counts nobody."""
    guesser = _Guesser(ground)
    _one_account(ground, seen, guesser)
    _at_once(ground, seen, guesser)
    if not ground.is_short:
        _many_accounts(ground, seen, guesser)
    _headers(ground, seen, guesser)
    _owner(ground, seen, guesser)
    with ground.broken("nothing", settings=_TRUSTING) as url:
        _networks(ground, seen, guesser, url)
    with ground.broken("no_limits") as url:
        victim = ground.one.hire("reviewer")
        told = Counter(guesser.guesses(victim.email, many=LIMIT + 2, source="127.0.12.250", url=url))
        seen.control(told["wrong"] == LIMIT + 2, "a web that counts nobody")


class _Guesser:
    """Somebody with a list of passwords. Each try is one of a browser that was never here."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def tries(
        self,
        email: str,
        password: str,
        *,
        source: str,
        url: str | None = None,
        session: requests.Session | None = None,
        headers: dict[str, str] | None = None,
    ) -> str:
        """`in`, `wrong`, or with nothing tried: `held`, `no address`."""
        browser = session or requests.Session()
        browser.mount("http://", _From(source))
        token = self._ground.form_token(browser, url=url)
        fields = {"login": email, "password": password, "csrfmiddlewaretoken": token}
        answer = self._ground.call(
            "POST", "/account/login/", session=browser, url=url, data=fields, headers=headers or {}
        )
        if answer.status_code == 302:
            return "in"
        if "valid email" in answer.text.lower().replace("-", ""):
            return "no address"
        return "held" if answer.status_code == 429 or "Too many" in answer.text else "wrong"

    def guesses(self, email: str, *, many: int, source: str, url: str | None = None) -> Iterator[str]:
        for _ in range(many):
            yield self.tries(email, secrets.token_hex(8), source=source, url=url)


def _one_account(ground: Ground, seen: Seen, guesser: _Guesser) -> None:
    """Capitals, wide letters, spaces and an address of mail that is written otherwise: one account all the same."""
    victim = ground.one.hire("reviewer")
    wide = victim.email.replace("e", "\N{FULLWIDTH LATIN SMALL LETTER E}")
    written = [victim.email, victim.email.upper(), victim.email.title(), f" {victim.email} ", wide]
    told = [
        guesser.tries(written[turn % len(written)], f"guess {turn}", source="127.0.12.1") for turn in range(LIMIT + 8)
    ]
    seen.expect(told.count("wrong") <= LIMIT, f"{told.count('wrong')} passwords were tried")
    for email in written:
        answer = guesser.tries(email, victim.password, source="127.0.12.1")
        seen.expect(answer in ("held", "no address"), f"{email!r} is another account: {answer}")


def _at_once(ground: Ground, seen: Seen, guesser: _Guesser) -> None:
    """All before the first one was counted, if that were possible."""
    victim = ground.one.hire("reviewer")
    burst = 2 * LIMIT + 6 if ground.is_short else BURST
    gate = Barrier(burst)

    def guess(turn: int) -> str:
        gate.wait(timeout=60)
        return guesser.tries(victim.email, f"guess {turn}", source=f"127.0.12.{2 + turn % 2}")

    with ThreadPoolExecutor(burst) as together:
        told = Counter(together.map(guess, range(burst)))
    seen.expect(told["wrong"] <= 2 * LIMIT + 1, f"{told['wrong']} of a burst from two addresses were tried")
    seen.expect(told["held"] >= burst - 2 * LIMIT - 1, f"only {told['held']} of a burst were held")


def _many_accounts(ground: Ground, seen: Seen, guesser: _Guesser) -> None:
    """One password for everybody: the network is what is counted."""
    emails = (f"nobody-{secrets.token_hex(5)}@example.com" for _ in range(FORMS_A_MINUTE + 5))
    told = Counter(_spray(guesser, emails))
    seen.expect(told["held"] > 0, f"{told['wrong']} accounts were tried with one password")
    victim = ground.one.hire("reviewer")
    answer = guesser.tries(victim.email, victim.password, source="127.0.12.4")
    seen.expect(answer == "held", f"after all these the same network tries on: {answer}")
    seen.expect(
        guesser.tries(victim.email, victim.password, source="127.0.12.5") == "in", "other networks are held too"
    )


def _spray(guesser: _Guesser, emails: Iterable[str]) -> Iterator[str]:
    return (guesser.tries(email, "Summer2026!summer", source="127.0.12.4") for email in emails)


def _headers(ground: Ground, seen: Seen, guesser: _Guesser) -> None:
    """Headers that anybody can write make nobody somebody else."""
    victim = ground.one.hire("reviewer")
    names = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP")
    told = [
        guesser.tries(
            victim.email, f"guess {turn}", source="127.0.12.6", headers={names[turn % len(names)]: f"203.0.113.{turn}"}
        )
        for turn in range(LIMIT + 5)
    ]
    seen.expect(told.count("wrong") == LIMIT, f"{told.count('wrong')} were tried behind headers")


def _networks(ground: Ground, seen: Seen, guesser: _Guesser, url: str) -> None:
    """Behind a proxy that we trust: a network of IPv6 has more addresses than there are passwords, and is one."""
    victim = ground.one.hire("reviewer")
    network = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}"
    told = [
        guesser.tries(
            victim.email,
            f"guess {turn}",
            source="127.0.0.1",
            url=url,
            headers={"X-Forwarded-For": f"{network}:{secrets.token_hex(2)}::{turn + 1:x}"},
        )
        for turn in range(LIMIT + 5)
    ]
    seen.expect(told.count("wrong") == LIMIT, f"{told.count('wrong')} were tried from one network of IPv6")
    forged = {"X-Forwarded-For": f"203.0.113.77, {network}::1"}
    answer = guesser.tries(victim.email, victim.password, source="127.0.0.1", url=url, headers=forged)
    seen.expect(answer == "held", f"what stands before the proxy's own word is believed: {answer}")


def _owner(ground: Ground, seen: Seen, guesser: _Guesser) -> None:
    """Somebody guesses at the account from where its owner is; the owner comes in all the same."""
    owner, here = ground.one.hire("reviewer"), "127.0.12.7"
    at_home, passkey = _settled(ground, owner, here)
    for _ in range(LIMIT + 3):
        guesser.tries(owner.email, secrets.token_hex(8), source=here)
    seen.expect(guesser.tries(owner.email, owner.password, source=here) == "held", "a stranger is not held")
    answer = guesser.tries(owner.email, owner.password, source=here, session=at_home)
    seen.expect(answer == "in", f"the owner's own browser is held: {answer}")
    elsewhere = requests.Session()
    elsewhere.mount("http://", _From(here))
    passkey.signs_in(ground, elsewhere)
    opened = ground.call("GET", "/account/email/", session=elsewhere).status_code
    seen.expect(opened == 200, f"the owner's passkey is held: {opened}")


def _settled(ground: Ground, owner: Person, here: str) -> tuple[requests.Session, Passkey]:
    """The owner has signed in here before, added a passkey and signed out."""
    at_home, passkey = ground.sign_in(owner, source=here), Passkey()
    ground.post_form(at_home, "/account/reauthenticate/", password=PASSWORD)
    passkey.is_added(ground, at_home)
    ground.post_form(at_home, "/account/logout/")
    return at_home, passkey
