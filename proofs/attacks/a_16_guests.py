"""A-16: a guest's token opens one case, to look and to show more, until it ends or is taken back; an account opens
the cases of the addresses that were proved on it, as long as they are on it.
"""

from __future__ import annotations

import base64
import hashlib
from uuid import uuid4

from proofs.attacks.ground import Case, Ground
from proofs.attacks.seen import Seen

NAME = "A-16"
TITLE = "A guest's token opens one case, to look and to show more, until it ends or is taken back"

CHANGES = {
    "withdraw": {},
    "appeal": {"words": "Please look again."},
    "approve": {"lines": None, "note": "mine"},
    "reject": {"words": "no"},
    "ask-evidence": {"words": "more"},
    "goods": {"grade": "graded_ok"},
    "guest-token": {},
}
#: Photos that are none, or far more than they seem to be.
FILES = {
    "a program": b"#!/bin/sh\necho hello\n",
    "a page": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "a photo's first bytes": b"\xff\xd8\xff\xe0" + b"A" * 2000,
    "nothing": b"",
}
LISTS = ("refunds", "orders", "webhook-endpoints")


def run(ground: Ground, seen: Seen) -> None:
    """Guesses, other cases, changes, and tokens whose time is over; twice with a web that is broken on purpose."""
    mine, neighbour, stranger = ground.one.waiting_case(), ground.one.waiting_case(), ground.two.waiting_case()
    key = ground.one.key("refunds:write")
    token = _given(ground, mine.id, key)
    _guesses(ground, seen, str(mine.id), token)
    _other_cases(ground, seen, token, [str(neighbour.id), str(stranger.id), str(uuid4())], url=ground.url)
    _changes(ground, seen, str(mine.id), token)
    _answers(ground, seen, str(mine.id), [str(neighbour.id), str(stranger.id), str(uuid4())], token)
    _accounts(ground, seen, mine)
    with ground.broken("guests_roam") as url:
        answer = ground.call("GET", _at(neighbour.id), key=token, url=url)
        told = ground.call("POST", f"{_at(neighbour.id)}/evidence", key=token, url=url, json={"words": "I was here."})
        both = (answer.status_code, told.status_code)
        seen.control(both == (200, 200), "a web that does not compare the case with the guest's")
    with ground.broken("guests_for_ever") as url:
        before = ground.call("GET", _at(mine.id), key=token, url=url).status_code
        _ends(ground, seen, str(mine.id), key, token)
        after = ground.call("GET", _at(mine.id), key=token, url=url).status_code
        seen.control((before, after) == (200, 200), "a web that believes a token that was taken back")


def _accounts(ground: Ground, seen: Seen, case: Case) -> None:
    """Naming an address opens nothing, proving it does, and giving it up ends that; somebody's work opens nothing."""
    person = ground.one.hire("manager")
    browser = ground.sign_in(person)

    def sees(url: str | None = None) -> tuple[bool, bool]:
        page = ground.call("GET", f"/cases/{case.number}", session=browser, url=url)
        listed = ground.call("GET", "/cases", session=browser, url=url)
        return page.status_code == 200, case.number in listed.text

    seen.expect(sees() == (False, False), "a manager reads a shopper's pages as their own")
    ground.execute(
        'INSERT INTO account_emailaddress (user_id, email, verified, "primary") VALUES (%s, %s, false, false)',
        person.person_id, case.email,
    )  # fmt: skip
    seen.expect(sees() == (False, False), "an address that was only named opens its cases")
    with ground.broken("believes_addresses") as url:
        seen.control(sees(url) == (True, True), "a web that believes addresses which nobody proved")
    ground.execute("UPDATE account_emailaddress SET verified = true WHERE email = %s", case.email)
    seen.expect(sees() == (True, True), "a proved address does not open its cases")
    ground.execute("DELETE FROM account_emailaddress WHERE email = %s", case.email)
    seen.expect(sees() == (False, False), "an address that was given up still opens its cases")


def _guesses(ground: Ground, seen: Seen, case_id: str, token: str) -> None:
    """Nobody gets in by a guess, by the hash that is stored, or by a part of the token."""
    seen.expect(ground.call("GET", _at(case_id), key=token).status_code == 200, "the guest does not see their case")
    rows = ground.rows("SELECT token_hash FROM identity_guestpass WHERE case_id = %s", case_id)
    stored = [bytes(row[0]) for row in rows]
    seen.expect(stored == [hashlib.sha256(token.encode()).digest()], "the token is not kept as its hash alone")
    wrong = [f"gt_{'A' * 22}", f"gt_{stored[0].hex()}", token[:-1], f"{token}A", token.removeprefix("gt_"), "gt_",
             token.swapcase(), f"gt_{case_id}"]  # fmt: skip
    for guess in wrong:
        answer = ground.call("GET", _at(case_id), key=guess)
        seen.expect(answer.status_code == 401, f"a guess was answered with {answer.status_code}")
    answer = ground.call("GET", f"{_at(case_id)}?token={token}")
    seen.expect(answer.status_code == 401, f"a token in an address was answered with {answer.status_code}")


def _other_cases(ground: Ground, seen: Seen, token: str, others: list[str], *, url: str) -> None:
    """Somebody else's case, another company's and none at all look the same."""
    told = []
    for other in others:
        answer = ground.call("GET", _at(other), key=token, url=url)
        seen.expect(answer.status_code == 404, f"a guest asked for another case and got {answer.status_code}")
        told.append({name: value for name, value in answer.json().items() if name in ("code", "title", "detail")})
    seen.expect(all(one == told[0] for one in told), f"cases that are not the guest's are told apart: {told}")
    for name in LISTS:
        answer = ground.call("GET", f"/api/v1/{name}", key=token)
        seen.expect(answer.status_code == 403, f"a guest listed {name}: {answer.status_code}")


def _changes(ground: Ground, seen: Seen, case_id: str, token: str) -> None:
    """No verb of the case is a guest's."""

    def attack() -> None:
        for verb, body in CHANGES.items():
            answer = ground.call("POST", f"{_at(case_id)}/{verb}", key=token, json=body)
            seen.expect(answer.status_code == 403, f"a guest may {verb}: {answer.status_code}")
        answer = ground.call("DELETE", f"{_at(case_id)}/guest-token", key=token)
        seen.expect(answer.status_code == 403, f"a guest takes tokens back: {answer.status_code}")

    before = ground.call("GET", _at(case_id), key=token).json()
    attack()
    after = ground.call("GET", _at(case_id), key=token).json()
    seen.expect(before == after, "a guest has changed the case")


def _answers(ground: Ground, seen: Seen, case_id: str, others: list[str], token: str) -> None:
    """A guest tells more of their own case, of no other; and what is no photo is not kept."""
    for other in others:
        answer = ground.call("POST", f"{_at(other)}/evidence", key=token, json={"words": "I was here."})
        seen.expect(answer.status_code == 404, f"a guest wrote into another case: {answer.status_code}")
    for name, content in FILES.items():
        body = {"photos": [base64.b64encode(content).decode()]}
        answer = ground.call("POST", f"{_at(case_id)}/evidence", key=token, json=body)
        seen.expect(answer.status_code == 400, f"{name} was taken as a photo: {answer.status_code}")
    rows = ground.rows("SELECT count(*) FROM refunds_photo WHERE case_id = %s", case_id)
    seen.expect(rows[0][0] == 0, "what is no photo was kept")
    answer = ground.call("POST", f"{_at(case_id)}/evidence", key=token, json={"words": "The handle is broken."})
    seen.expect(answer.status_code == 200, f"a guest may not answer: {answer.status_code}")
    seen.expect(answer.json().get("rule") is None, "a guest who answers reads the company's rule")


def _ends(ground: Ground, seen: Seen, case_id: str, key: str, token: str) -> None:
    """A token whose time is over, and one that was taken back, are answered like a guess."""
    late = _given(ground, case_id, key)
    seen.expect(ground.call("GET", _at(case_id), key=late).status_code == 200, "a second token does not open the case")
    digest = hashlib.sha256(late.encode()).digest()
    ground.execute("UPDATE identity_guestpass SET expires_at = created_at WHERE token_hash = %s", digest)
    ground.call("DELETE", f"{_at(case_id)}/guest-token", key=key)
    guess = ground.call("GET", _at(case_id), key=f"gt_{'A' * 22}")
    for name, dead in (("ended", late), ("was taken back", token)):
        answer = ground.call("GET", _at(case_id), key=dead)
        seen.expect(answer.status_code == 401, f"a token that {name} was answered with {answer.status_code}")
        same = {answer.json()["code"], guess.json()["code"]} == {"not_authenticated"}
        seen.expect(same, f"a token that {name} is told apart from a guess")


def _given(ground: Ground, case_id: object, key: str) -> str:
    answer = ground.call("POST", f"{_at(case_id)}/guest-token", key=key)
    answer.raise_for_status()
    return str(answer.json()["token"])


def _at(case_id: object) -> str:
    return f"/api/v1/refunds/{case_id}"
