"""A-01: for everybody and at every address, somebody else's thing looks like one that is not there."""

from __future__ import annotations

import statistics
import time

import requests

from proofs.attacks import cells, matrix
from proofs.attacks.cells import World
from proofs.attacks.ground import Ground
from proofs.attacks.matrix import Row
from proofs.attacks.seen import Seen

NAME = "A-01"
TITLE = "A foreign thing looks like none at all, to everybody"

REFUSED = (401, 403, 404)
#: Medians of requests in turn, in the best of some rounds: a machine that others use as well is no clock.
ROUNDS, SAMPLES, APART_S = 5, 25, 0.004


def run(ground: Ground, seen: Seen) -> None:
    """Every address with something in it, everybody who may use it, own and foreign and absent."""
    world, rows = cells.world(ground), matrix.rows()
    for row in cells.each(rows, lambda row: row.is_api and "{" in row.path):
        _machines(world, seen, row)
    for row in cells.each(rows, lambda row: row.is_staffs and "{" in row.path):
        _people(world, seen, row)
    _lists(world, seen)
    _elsewhere(world, seen)
    _time(world, seen)
    _control(world, seen)
    world.tidy()


def _machines(world: World, seen: Seen, row: Row) -> None:
    (scope,) = row.lets_in
    here = f"{row.method} {row.path}"
    key = world.ground.one.key(scope)
    foreign = world.ask(row, world.other.address(row), key=key)
    absent = world.ask(row, world.absent.address(row), key=key)
    seen.expect(foreign.status_code == 404, f"{here}, another company's: {foreign.status_code}")
    seen.expect(cells.same(foreign, absent), f"{here}, foreign and absent: {cells.apart(foreign, absent)}")
    own = world.ask(row, world.own.address(row), key=key)
    seen.expect(own.status_code not in REFUSED and own.status_code < 500, f"{here}, own: {own.status_code}")
    seen.expect(row.method != "GET" or own.ok, f"{here}, own: {own.status_code}")


def _people(world: World, seen: Seen, row: Row) -> None:
    for name, browser in world.browsers.items():
        role = name.split(" ")[0]
        if role not in row.lets_in:
            continue
        mine, theirs = (world.own, world.other) if name.endswith("one") else (world.other, world.own)
        if role == "operator":  # of no company, so nothing is foreign to them; what is not there is not there
            absent = _open(world, browser, world.absent.address(row))
            seen.expect(absent.status_code == 404, f"{row.path}, {name}, absent: {absent.status_code}")
            continue
        foreign = _open(world, browser, theirs.address(row))
        absent = _open(world, browser, world.absent.address(row))
        if foreign.status_code == 405:  # an address for forms only
            foreign = world.ground.post_form(browser, theirs.address(row))
            absent = world.ground.post_form(browser, world.absent.address(row))
        here = f"{row.path}, {name}"
        seen.expect(foreign.status_code == 404, f"{here}, foreign: {foreign.status_code}")
        seen.expect(cells.same(foreign, absent), f"{here}: foreign and absent: {cells.apart(foreign, absent)}")
        if "photo_id" not in row.path:
            own = _open(world, browser, mine.address(row))
            refused = (401, 403) if "{payout_id}" in row.path else REFUSED  # what is paid needs no look-up: 404
            seen.expect(own.status_code not in refused and own.status_code < 500, f"{here}, own: {own.status_code}")


def _open(world: World, browser: requests.Session, address: str) -> requests.Response:
    return world.ground.call("GET", address, session=browser, headers=cells.ONE_ID)


def _lists(world: World, seen: Seen) -> None:
    """Nothing foreign is in a list, however it is asked for."""
    case, key = world.other.case, world.ground.one.key()
    for path in (
        "/api/v1/refunds?limit=100",
        f"/api/v1/refunds?order_number={case.order}&limit=100",
        "/api/v1/webhook-endpoints",
    ):
        answer = world.ground.call("GET", path, key=key)
        seen.expect(answer.ok and str(case.id) not in answer.text, f"{path} shows another company's")
        seen.expect(str(world.ground.two.id) not in answer.text, f"{path} names another company")
    page = _open(world, world.browsers["manager of one"], "/review")
    seen.expect(page.ok and case.number not in page.text, "another company's case is on the desk")


def _elsewhere(world: World, seen: Seen) -> None:
    """Shoppers' pages: whoever has proved nothing sees the same of every case there is and of none."""
    for row in matrix.rows():
        if not row.path.startswith("/cases/{number}"):
            continue
        for name, browser in {**world.browsers, "a new browser": requests.Session()}.items():
            there = _open(world, browser, world.own.address(row))
            absent = _open(world, browser, world.absent.address(row))
            where = [answer.headers.get("Location", "").split("?")[0] for answer in (there, absent)]
            fine = there.status_code == absent.status_code == 302 and where == ["/cases", "/cases"]
            seen.expect(fine, f"{row.path}, {name}: {there.status_code} and {absent.status_code} when absent")


def _time(world: World, seen: Seen) -> None:
    """It takes as long to say that a case is somebody else's as that there is none."""
    row = next(row for row in matrix.rows() if (row.method, row.path) == ("GET", "/api/v1/refunds/{case_id}"))
    key = world.ground.one.key("refunds:read")
    apart = []
    for _ in range(ROUNDS):
        took: dict[str, list[float]] = {"foreign": [], "absent": []}
        for _ in range(SAMPLES):
            for which, things in (("foreign", world.other), ("absent", world.absent)):
                address = things.address(row)
                began = time.perf_counter()
                world.ground.call("GET", address, key=key)
                took[which].append(time.perf_counter() - began)
        apart.append(abs(statistics.median(took["foreign"]) - statistics.median(took["absent"])))
        if apart[-1] < APART_S:
            break
    seen.expect(min(apart) < APART_S, f"foreign and absent are {min(apart) * 1000:.1f} ms apart")


def _control(world: World, seen: Seen) -> None:
    """Without the wall in the database the foreign case is shown."""
    ground, table = world.ground, "refunds_case"
    ((again,),) = ground.rows(
        "SELECT format('DROP POLICY tenant ON refunds_case; CREATE POLICY tenant ON refunds_case TO %%s USING (%%s)"
        " WITH CHECK (%%s)', array_to_string(roles, ', '), qual, with_check)"
        " FROM pg_policies WHERE tablename = %s AND policyname = 'tenant'",
        table,
    )
    down = "DROP POLICY tenant ON refunds_case; CREATE POLICY tenant ON refunds_case USING (true) WITH CHECK (true)"
    with ground.taken_down(down, again=again):
        answer = ground.call("GET", f"/api/v1/refunds/{world.other.case.id}", key=ground.one.key("refunds:read"))
        seen.control(answer.status_code == 200, "cases without their tenant's policy")
    answer = ground.call("GET", f"/api/v1/refunds/{world.other.case.id}", key=ground.one.key("refunds:read"))
    seen.expect(answer.status_code == 404, f"with the policy back: {answer.status_code}")
