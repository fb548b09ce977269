"""A-02: nobody does what their role may not: not by another method, not by a header that renames it, not by a form."""

from __future__ import annotations

import time
from collections.abc import Iterator

import requests

from proofs.attacks import cells, matrix
from proofs.attacks.cells import World
from proofs.attacks.ground import Ground
from proofs.attacks.matrix import Row
from proofs.attacks.seen import Seen

NAME = "A-02"
TITLE = "Nobody does what their role may not, by whatever method"

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY")
RENAMING = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
QUIET_S_MAX = 30.0
#: The worker writes these by itself, at any time, and the web's role may not write there at all (`_left_out`).
WRITTEN_BY_WORKERS = frozenset(
    {"events_seal", "events_cursor", "insights_itemclaim", "insights_promise", "operations_gauge"}
)
#: And every request is counted, whatever becomes of it; and every program says from time to time that it lives.
WORKERS = WRITTEN_BY_WORKERS | {"access_limit", "operations_sign"}


def run(ground: Ground, seen: Seen) -> None:
    """Everybody at every address that is not theirs, in one look at the whole database before and after."""
    world, rows = cells.world(ground), matrix.rows()
    _prepare(world, rows)
    quiet(ground)
    changed = ground.changed(lambda: _try_all(world, seen, rows), but=WORKERS)
    seen.expect(not changed, f"somebody who was refused changed {sorted(changed)}")
    _left_out(ground, seen)
    with ground.broken("no_authorizer") as url:
        row = next(row for row in rows if row.path.endswith("{case_id}/reject"))
        answer = world.ask(row, world.own.address(row), key=ground.one.key("refunds:read"), url=url)
        seen.control(answer.status_code != 403, "a web that asks no authorizer")
    world.tidy()


def _left_out(ground: Ground, seen: Seen) -> None:
    """Whatever the look at the database leaves out is nothing that a request can change."""
    ask = "SELECT has_table_privilege('recoup_web', %s, 'INSERT, UPDATE, DELETE, TRUNCATE')"
    for table in sorted(WRITTEN_BY_WORKERS):
        seen.expect(not ground.rows(ask, table)[0][0], f"the web may write to {table}, which is not looked at")
    seen.control(ground.rows(ask, "events_event")[0][0], "a table that the web writes to")


def _try_all(world: World, seen: Seen, rows: tuple[Row, ...]) -> None:
    for row in rows:
        if row.is_api:
            _machines(world, seen, row)
        elif row.is_staffs:
            _people(world, seen, row)
    _methods(world, seen, rows)
    _renamed(world, seen, rows)


def _prepare(world: World, rows: tuple[Row, ...]) -> None:
    """Whoever asks and whatever is asked about is there before the first look at the database."""
    for row in rows:
        if (row.is_api or row.is_staffs) and "{" in row.path:
            world.own.known(row)
    for scope in world.scopes:
        world.ground.one.key(scope)
    world.ground.one.key()
    for row in rows:
        if row.is_api:
            world.body(row)
    _ = world.browsers


def _machines(world: World, seen: Seen, row: Row) -> None:
    address = world.own.known(row)
    for scope in world.scopes:
        if scope in row.lets_in or "key" in row.lets_in:
            continue
        answer = world.ask(row, address, key=world.ground.one.key(scope))
        here = f"{row.method} {row.path} with {scope}"
        seen.expect(answer.status_code == 403, f"{here}: {answer.status_code}")
        seen.expect(b"ACCESS_DENIED" in answer.content, f"{here}: {answer.text[:120]}")
    for words, key in {"no key": None, "a key nobody gave": "rk_" + "0" * 40, "no key at all": "nonsense"}.items():
        answer = world.ask(row, address, key=key)
        seen.expect(answer.status_code == 401, f"{row.method} {row.path}, {words}: {answer.status_code}")
    for name, browser in world.browsers.items():
        body = world.body(row)
        more = {} if body is None else {"json": body}
        answer = world.ground.call(row.method, address, session=browser, **more)
        seen.expect(answer.status_code == 401, f"{row.method} {row.path}, browser of {name}: {answer.status_code}")


def _people(world: World, seen: Seen, row: Row) -> None:
    address = world.own.known(row)
    for name, browser in world.browsers.items():
        role, _, where = name.partition(" of ")
        if where == "two" or role in row.lets_in:
            continue
        for method in ("GET", "POST"):
            answer = _send(world, browser, method, address)
            here = f"{method} {row.path}, {name}"
            if name == "nobody":
                to = answer.headers.get("Location", "")
                fine = answer.status_code == 405 or (answer.status_code == 302 and to.startswith("/account/login/"))
                seen.expect(fine, f"{here}: {answer.status_code} {to}")
            elif not row.verb:
                seen.expect(answer.status_code in (403, 405), f"{here}: {answer.status_code}")
            else:  # what nobody can do with a payment now is not there, for whoever could too
                refused = (403, 404) if "{payout_id}" in row.path else (403,)
                seen.expect(answer.status_code in refused, f"{here}: {answer.status_code}")


def _send(world: World, browser: requests.Session, method: str, address: str) -> requests.Response:
    if method == "GET":
        return world.ground.call("GET", address, session=browser)
    form = {"words": "Nobody asked me.", "grade": "graded_ok"}
    return world.ground.post_form(browser, address, **form)


def _methods(world: World, seen: Seen, rows: tuple[Row, ...]) -> None:
    """What an address does not offer is refused with the list of what it does, to those who may do everything."""
    offered: dict[str, set[str]] = {}
    for row in rows:
        if row.is_api:
            offered.setdefault(row.path, set()).add(row.method)
    for path, known in offered.items():
        address = world.own.known(next(row for row in rows if row.path == path))
        for method in METHODS:
            if method in known:
                continue
            answer = world.ground.call(method, address, key=world.ground.one.key(), json={})
            seen.expect(answer.status_code in (405, 501), f"{method} {path}: {answer.status_code}")
    for row in rows:
        if row.is_staffs:
            answer = world.ground.call("HEAD", world.own.known(row), session=world.browsers["nobody"])
            seen.expect(answer.status_code in (302, 405), f"HEAD {row.path}, nobody: {answer.status_code}")


def _renamed(world: World, seen: Seen, rows: tuple[Row, ...]) -> None:
    """A header or a field that gives the method another name is not heard."""
    ground = world.ground
    for row in rows:
        if not row.is_api or row.method == "GET" or "{" not in row.path:
            continue
        for header in RENAMING:
            answer = ground.call("GET", world.own.known(row), key=ground.one.key(), headers={header: row.method})
            fine = answer.status_code == 405 or any(_is_read(rows, row.path))
            seen.expect(fine, f"GET {row.path} with {header}: {answer.status_code}")
    case = f"/api/v1/refunds/{world.own.case.id}"
    for header in RENAMING:
        answer = ground.call("GET", case, key=ground.one.key("refunds:read"), headers={header: "DELETE"})
        seen.expect(answer.status_code == 200, f"GET with {header}: {answer.status_code}")
    answer = ground.call("POST", case, key=ground.one.key("refunds:read"), data={"_method": "DELETE"})
    seen.expect(answer.status_code in (405, 415), f"POST with _method: {answer.status_code}")


def _is_read(rows: tuple[Row, ...], path: str) -> Iterator[bool]:
    return (row.path == path and row.method == "GET" for row in rows)


def quiet(ground: Ground) -> None:
    """What was asked for before is done: nothing changes by itself any more."""
    until = time.monotonic() + QUIET_S_MAX
    while time.monotonic() < until:
        if not ground.changed(lambda: time.sleep(1.0), but=WORKERS):
            return
    raise TimeoutError("the house does not come to rest")
