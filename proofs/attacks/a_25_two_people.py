"""A-25: nobody approves more than they may, by no detour: own refunds, second accounts, parts, replays, leavers."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import requests

from proofs.attacks.ground import Case, Ground, Person
from proofs.attacks.seen import Seen
from proofs.stock import SOFA_MINOR

NAME = "A-25"
TITLE = "Limits of amount hold, and where two people are needed one person is not two"


def run(ground: Ground, seen: Seen) -> None:
    """Every detour of the row, each on a case of its own; then webs without the checks."""
    desk = _Desk(ground, seen)
    with _limits(ground, reviewer=SOFA_MINOR - 1):
        _above_the_limit(desk)
        _own_refund(desk)
        _role_that_approves_nothing(desk)
    with _limits(ground, reviewer=2 * SOFA_MINOR - 1):
        _in_parts(desk)
    with _limits(ground, two_from=1):
        _second_account(desk)
        _machines(desk)
        _after_leaving(desk)
        _other_destination(desk)
        _again_and_at_once(desk)
        with ground.broken("one_pair_of_eyes") as url:
            case = ground.one.waiting_case()
            desk.approve(desk.ines, case, url=url)
            seen.control(desk.payouts(case) == 1, "a web in which one yes is always enough")
    with ground.broken("own_refunds") as url:
        case = ground.one.waiting_case()
        desk.approve(desk.shopper_of(case), case, url=url)
        seen.control(desk.payouts(case) == 1, "a web that does not ask whose refund it is")


class _Desk:
    """People of the attacked company at their pages, and what their yes came to."""

    def __init__(self, ground: Ground, seen: Seen) -> None:
        self.ground, self.seen, self.tenant = ground, seen, ground.one
        self.people: dict[int, Person] = {}
        self.ines, self.jonas, self.mara = self.hire("reviewer"), self.hire("reviewer"), self.hire("manager")

    def hire(self, role: str, *, email: str = "") -> requests.Session:
        """Somebody new in that role, signed in; with another address when one is named."""
        person = self.tenant.hire(role)
        if email:
            for table, column in (("identity_person", "id"), ("account_emailaddress", "user_id")):
                sql = f"UPDATE {table} SET email = %s WHERE {column} = %s"  # noqa: S608 - two names from above
                self.ground.execute(sql, email, person.person_id)
            person = Person(person_id=person.person_id, email=email, password=person.password, secret=person.secret)
        session = self.ground.sign_in(person)
        self.people[id(session)] = person
        return session

    def person(self, who: requests.Session) -> Person:
        return self.people[id(who)]

    def shopper_of(self, case: Case) -> requests.Session:
        """A reviewer whose mailbox is that of the case's shopper, with a tag behind the name."""
        name, _, domain = case.email.partition("@")
        return self.hire("reviewer", email=f"{name}+{secrets.token_hex(3)}@{domain}")

    def form(self, who: requests.Session, case: Case, *, url: str | None = None) -> dict[str, str]:
        """What the page of that person would send."""
        page = self.ground.call("GET", f"/review/{case.number}/approve", session=who, url=url).text
        line = re.search(r'name="line" value="([^"]+)"', page)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        key = line[1] if line else ""
        return {
            "csrfmiddlewaretoken": token[1] if token else "",
            "step": "do",
            "line": key,
            f"many-{key}": "1",
        }

    def send(
        self, who: requests.Session, case: Case, form: Mapping[str, str], *, url: str | None = None
    ) -> requests.Response:
        return self.ground.call("POST", f"/review/{case.number}/approve", session=who, url=url, data=dict(form))

    def approve(self, who: requests.Session, case: Case, *, url: str | None = None) -> requests.Response:
        return self.send(who, case, self.form(who, case, url=url), url=url)

    def payouts(self, case: Case) -> int:
        ((count,),) = self.ground.rows("SELECT count(*) FROM payments_payout WHERE case_id = %s", case.id)
        return int(count)

    def half(self, answer: requests.Response, case: Case, words: str) -> None:
        """The yes is kept, and nothing is paid."""
        is_half = answer.status_code == 302 and answer.headers["Location"].endswith("done=approve-half")
        self.seen.expect(is_half, f"{words}: {answer.status_code} {answer.headers.get('Location', '')}")
        self.seen.expect(self.payouts(case) == 0, f"{words}: money was promised")

    def whole(self, answer: requests.Response, case: Case, words: str) -> None:
        """It was enough, and paid once."""
        is_done = answer.status_code == 302 and answer.headers["Location"].endswith("done=approve")
        self.seen.expect(is_done and self.payouts(case) == 1, f"{words}: {answer.status_code}, {self.payouts(case)}")

    def refused(self, answer: requests.Response, case: Case, words: str) -> None:
        self.seen.expect(answer.status_code == 403, f"{words}: {answer.status_code}")
        self.seen.expect(self.payouts(case) == 0, f"{words}: money was promised")


def _above_the_limit(desk: _Desk) -> None:
    case = desk.tenant.waiting_case()
    for turn in range(3):
        desk.half(desk.approve(desk.ines, case), case, f"above the limit, {turn}")
    desk.half(desk.approve(desk.jonas, case), case, "two people with too low limits")
    desk.whole(desk.approve(desk.mara, case), case, "somebody with a higher limit completes it")


def _own_refund(desk: _Desk) -> None:
    case = desk.tenant.waiting_case()
    desk.refused(desk.approve(desk.shopper_of(case), case), case, "their own refund")


def _role_that_approves_nothing(desk: _Desk) -> None:
    case = desk.tenant.waiting_case()
    form = desk.form(desk.ines, case)
    for role in ("support",) if desk.ground.is_short else ("support", "booth", "auditor"):
        who = desk.hire(role)
        token = desk.ground.form_token(who)
        desk.refused(desk.send(who, case, {**form, "csrfmiddlewaretoken": token}), case, f"{role} approves")


def _in_parts(desk: _Desk) -> None:
    """Each part is below the limit; they are one shopper's, who wrote the address in two ways."""
    one, two = desk.tenant.waiting_case(), desk.tenant.waiting_case()
    name = f"li-{secrets.token_hex(4)}"
    for case, email in ((one, f"{name}@example.com"), (two, f"{name.upper()}+again@example.com")):
        desk.ground.execute("UPDATE orders_order SET email = %s WHERE number = %s", email.lower(), case.order)
        desk.ground.execute("UPDATE refunds_case SET email = %s WHERE id = %s", email.lower(), case.id)
    desk.whole(desk.approve(desk.ines, one), one, "the first part")
    desk.half(desk.approve(desk.ines, two), two, "the second part, by the same person")
    desk.half(desk.approve(desk.jonas, two), two, "the second part, by another one with the same limit")


def _second_account(desk: _Desk) -> None:
    case, email = desk.tenant.waiting_case(), f"kim-{secrets.token_hex(3)}@{desk.tenant.slug}.example"
    kim, twin = desk.hire("reviewer", email=email), desk.hire("manager", email=email.replace("@", "+two@"))
    desk.half(desk.approve(kim, case), case, "the first account")
    desk.refused(desk.approve(twin, case), case, "the second account of the same mailbox")


def _machines(desk: _Desk) -> None:
    case = desk.tenant.waiting_case()
    for number in range(2):
        key = desk.tenant.new_key("refunds:review")
        answer = desk.ground.call("POST", f"/api/v1/refunds/{case.id}/approve", key=key, json={})
        code = answer.json().get("approval", {}).get("code")
        desk.seen.expect((answer.status_code, code) == (202, "second_approver_needed"), f"key {number}: {answer.text}")
    desk.half(desk.approve(desk.ines, case), case, "two keys and one person")
    desk.whole(desk.approve(desk.jonas, case), case, "two keys and two people")


def _after_leaving(desk: _Desk) -> None:
    case = desk.tenant.waiting_case()
    leaver = desk.hire("reviewer")
    form = desk.form(leaver, case)
    desk.half(desk.send(leaver, case, form), case, "before they leave")
    desk.ground.execute("DELETE FROM identity_membership WHERE person_id = %s", desk.person(leaver).person_id)
    answer = desk.send(leaver, case, form)
    desk.seen.expect(answer.status_code in (403, 404), f"somebody who has left approves again: {answer.status_code}")
    desk.half(desk.approve(desk.ines, case), case, "their yes still counted after they had left")


def _other_destination(desk: _Desk) -> None:
    """The money would go elsewhere than where the first person saw it go."""
    case = desk.tenant.waiting_case()
    desk.half(desk.approve(desk.ines, case), case, "the first yes")
    desk.ground.execute(_ELSEWHERE, case.order)
    desk.half(desk.approve(desk.jonas, case), case, "another destination than the first person saw")
    desk.ground.execute(_BACK, case.order)


_ELSEWHERE = """
UPDATE payments_capture c SET provider_charge_id = 'moved_' || c.provider_charge_id
  FROM orders_order o WHERE o.id = c.order_id AND o.number = %s
"""
_BACK = """
UPDATE payments_capture c SET provider_charge_id = substr(c.provider_charge_id, length('moved_') + 1)
  FROM orders_order o WHERE o.id = c.order_id AND o.number = %s
"""


def _again_and_at_once(desk: _Desk) -> None:
    rounds = 2 if desk.ground.is_short else 10
    for number in range(rounds):
        case = desk.tenant.waiting_case()
        desk.half(desk.approve(desk.ines, case), case, f"round {number}")
        forms = [(who, desk.form(who, case)) for who in (desk.jonas, desk.mara)] * 3
        answers = _at_once([lambda who=who, form=form: desk.send(who, case, form) for who, form in forms])  # type: ignore[misc] # noqa: B023
        worst = max(answer.status_code for answer in answers)
        desk.seen.expect(worst < 500, f"round {number}: {worst}")
        desk.seen.expect(desk.payouts(case) == 1, f"round {number}: {desk.payouts(case)} payouts of two second people")
        desk.send(desk.jonas, case, forms[0][1])
        desk.send(desk.mara, case, forms[1][1])
        desk.seen.expect(desk.payouts(case) == 1, f"round {number}: a form sent again had an effect")


def _at_once(calls: list[Callable[[], requests.Response]]) -> list[requests.Response]:
    gate = Barrier(len(calls))

    def call(one: Callable[[], requests.Response]) -> requests.Response:
        gate.wait()
        return one()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


@contextmanager
def _limits(ground: Ground, *, reviewer: int | None = None, two_from: int | None = None) -> Iterator[None]:
    """Inside, the company has these limits, as if it had set them long ago."""
    ground.execute(_SET, ground.one.id, reviewer, two_from)
    try:
        yield
    finally:
        ground.execute("DELETE FROM merchants_approvallimits WHERE merchant_id = %s", ground.one.id)


_SET = """
INSERT INTO merchants_approvallimits
       (id, merchant_id, number, reviewer_limit_minor, four_eyes_from_minor, four_eyes_reasons, note, created_by,
        created_at)
VALUES (gen_random_uuid(), %s, 1, %s, %s, '{}', '', 'attacks', now() - interval '3 days')
"""
