"""`bin/bench pages`: what each page costs on a database with many cases, and what a phone has to load for it.

Per page: the time from request to the last byte of the answer on a kept connection, p50 and p99, and how often the
database is asked; both of the real web program. The weight is that of a first visit, compressed: the page and every
file that it names. Shoppers and staff sign in as they would; the cases were asked for through the API, then copied
(`benchmarks/many_cases.py`).
"""

from __future__ import annotations

import argparse
import asyncio
import html
import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

import requests

from benchmarks import load, many_cases, shop
from recoup.config.private_house import PrivateHouse

PROGRAMS = ("provider", "town", "vault", "worker", "live", "web")
#: So many cases are real, of orders that cost little and of some that cost much.
CHEAP, DEAR = 8, 2
TEMPLATES = CHEAP + DEAR
DEAR_MINOR = 400_000
SECONDS_MAX = 120.0
P50_MS_MAX, QUERIES_MAX, WEIGHT_KB_MAX = 100, 25, 150
PASSWORD = "nine calm tangerines"
_FILES = re.compile(r'(?:href|src)="(/static/[^"#]+)')


@dataclass(frozen=True, slots=True)
class Visit:
    """A page as somebody looks at it."""

    name: str
    path: str
    browser: requests.Session


def main(argv: list[str]) -> int:
    """Prints the figures, the last line being one JSON object; `too_costly` names the pages beyond what is aimed at."""
    parser = argparse.ArgumentParser(prog="bin/bench pages", description=__doc__)
    parser.add_argument("--json", action="store_true", help="only the last line")
    parser.add_argument("--cases", type=int, default=100_000, help="how many the company has (%(default)s)")
    parser.add_argument("--rounds", type=int, default=100, help="how often each page is asked for (%(default)s)")
    arguments = parser.parse_args(argv)
    with PrivateHouse(programs=PROGRAMS) as house:
        shop.enter(house)
        found = _measure(house, arguments)
    if not arguments.json:
        _tell(found["pages"])
    print(json.dumps(found), flush=True)
    return 0


def _measure(house: PrivateHouse, arguments: argparse.Namespace) -> dict[str, Any]:
    from recoup.config.replaying import company as companies
    from recoup.config.replaying import figures

    company = shop.stock(house, orders=CHEAP + 1)
    shop.stock(house, orders=DEAR, list_minor=DEAR_MINOR, prefix="D")
    with companies.key_of(company) as api_key:
        asked = asyncio.run(load.all_at_once(house.running.web_url, api_key, _complaints(), seconds_max=SECONDS_MAX))
    case_ids = [UUID(case_id) for _, case_id in asked]
    figures.wait_until_done(company, case_ids)
    _until_in_reports(house, case_ids)
    for name in ("worker", "vault"):
        house.stop(name)
    copies = -(-arguments.cases // TEMPLATES)
    many_cases.multiply(house, case_ids=case_ids, copies=copies, tell=lambda done: _progress(done, copies, arguments))
    visits = _visits(house, company_id=company.id, slug=company.slug)
    queries = _queries(house, visits)
    pages = {
        visit.name: {**_times(house, visit, arguments.rounds), "queries": count, "weight_kb": _weight_kb(house, visit)}
        for visit, count in zip(visits, queries, strict=True)
    }
    too_costly = sorted(name for name, page in pages.items() if _is_too_costly(page))
    return {"cases": (copies + 1) * TEMPLATES, "pages": pages, "too_costly": too_costly}


def _is_too_costly(page: dict[str, Any]) -> bool:
    return bool(page["p50_ms"] > P50_MS_MAX or page["queries"] > QUERIES_MAX or page["weight_kb"] > WEIGHT_KB_MAX)


def _until_in_reports(house: PrivateHouse, case_ids: list[UUID]) -> None:
    """The worker has heard of all of them."""
    until = time.monotonic() + SECONDS_MAX
    while time.monotonic() < until:
        ((found,),) = _rows(
            house, "SELECT count(DISTINCT case_id) FROM insights_itemclaim WHERE case_id = ANY(%s)", case_ids
        )
        if found == len(case_ids):
            return
        time.sleep(0.5)
    raise TimeoutError("the reports know of some cases only")


def _complaints() -> list[bytes]:
    """Half are granted at once; of the others some wait for evidence, some are worth so much that a person looks."""
    cheap, dear = [f"B{number}" for number in range(1, CHEAP + 1)], [f"D{number}" for number in range(1, DEAR + 1)]
    return [
        *(load.request(number, reason="not_as_described", goods_received=False) for number in cheap[:3]),
        *(load.request(number) for number in [*cheap[3:], *dear]),
    ]


def _visits(house: PrivateHouse, *, company_id: UUID, slug: str) -> list[Visit]:
    """Every page that somebody sees, as that person."""
    stranger, shopper = _browser(house), _shopper(house, slug, number=5)
    asker = _shopper(house, slug, number=CHEAP + 1)
    manager = _manager(house, company_id)
    granted, waiting, middle = _cases(house, company_id)
    pages = [
        ("front", "/", stranger),
        ("find order", f"/ask/{slug}", stranger),
        ("find case", "/cases", stranger),
        ("sign in", "/account/login/", stranger),
        ("developers", "/developers", stranger),
        ("choose items", f"/ask/{slug}/items", asker),
        ("case", f"/cases/{granted}", shopper),
        ("case now", f"/cases/{granted}/now", shopper),
        ("own page", f"/at/{slug}", stranger),
        # First of the manager's: it asks for a proof of the last quarter of an hour, and the others take their time.
        ("desk: approve", f"/review/{waiting}/approve", manager),
        ("home", "/staff", manager),
        ("items", "/staff/items?days=90", manager),
        ("item", "/staff/items/sku-5?days=90", manager),
        ("desk", "/review", manager),
        ("desk: evidence awaited", "/review?show=needs_evidence", manager),
        ("desk: all", "/review?show=all", manager),
        ("desk: all, in the middle", f"/review?show=all&before={middle}", manager),
        ("desk: case", f"/review/{granted}", manager),
        ("desk: case that waits", f"/review/{waiting}", manager),
        ("all cases", "/staff/cases", manager),
        ("orders", "/staff/orders", manager),
        ("policy", "/staff/policy", manager),
        ("people", "/staff/members", manager),
        ("your page", "/staff/look", manager),
        ("limits", "/staff/limits", manager),
        ("rights", "/staff/access", manager),
        ("webhooks", "/staff/webhooks", manager),
    ]
    return [Visit(name=name, path=path, browser=browser) for name, path, browser in pages]


def _browser(house: PrivateHouse) -> requests.Session:
    browser = requests.Session()
    browser.headers["Accept-Encoding"] = "gzip, br"
    return browser


def _send(house: PrivateHouse, browser: requests.Session, path: str, **fields: str) -> requests.Response:
    """A form is opened and sent."""
    address = house.running.web_url + path
    form = browser.get(address, timeout=30).text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    answer = browser.post(
        address,
        data={**fields, "csrfmiddlewaretoken": token[1] if token else ""},
        headers={"Referer": address},
        timeout=30,
    )
    answer.raise_for_status()
    return answer


def _shopper(house: PrivateHouse, slug: str, *, number: int) -> requests.Session:
    """A guest who has proved the address of the order with the code that was mailed."""
    browser = _browser(house)
    email = f"shopper-b{number}@example.com"
    _send(house, browser, f"/ask/{slug}", order_number=f"B{number}", contact=email)
    ((code,),) = _rows(
        house,
        "SELECT context->>'code' FROM notifications_message WHERE to_address = %s AND template = 'one_time_code'"
        " ORDER BY created_at DESC LIMIT 1",
        email,
    )
    _send(house, browser, f"/ask/{slug}/code", code=code)
    return browser


def _manager(house: PrivateHouse, company_id: UUID) -> requests.Session:
    """Somebody of the company who may do everything there, signed in with an authenticator's code."""
    from allauth.mfa.totp.internal import auth

    from recoup.identity import actions as identity

    email, secret = "ines@bench.example", "JBSWY3DPEHPK3PXP"
    person_id = identity.add_member(merchant_id=company_id, email=email, name="Ines", password=PASSWORD, role="manager")
    identity.give_authenticator(person_id=person_id, secret=secret)
    browser = _browser(house)
    _send(house, browser, "/account/login/", login=email, password=PASSWORD)
    code = auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30))
    _send(house, browser, "/account/2fa/authenticate/", code=code)
    return browser


def _cases(house: PrivateHouse, company_id: UUID) -> tuple[str, str, str]:
    """The number of a granted case and of one that waits for a person, and the id of one in the middle of all."""
    ((granted,),) = _rows(house, "SELECT number FROM refunds_case WHERE order_number = 'B5'")
    ((waiting, *_), *_) = _rows(
        house, "SELECT number FROM refunds_case WHERE state = 'in_review' ORDER BY id DESC LIMIT 1"
    )
    ((middle,),) = _rows(
        house,
        "SELECT id FROM refunds_case WHERE merchant_id = %s ORDER BY id DESC"
        " OFFSET (SELECT count(*) / 2 FROM refunds_case) LIMIT 1",
        company_id,
    )
    return granted, waiting, str(middle)


def _rows(house: PrivateHouse, query: str, *values: Any) -> list[Any]:
    with house.superuser() as db:
        return list(db.execute(query, values).fetchall())


def _times(house: PrivateHouse, visit: Visit, rounds: int) -> dict[str, Any]:
    from recoup.config.replaying.figures import quantile

    address, took = house.running.web_url + visit.path, []
    for _ in range(rounds):
        began = time.perf_counter()
        answer = visit.browser.get(address, timeout=30, allow_redirects=False)
        took.append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise RuntimeError(f"{visit.path} was answered with {answer.status_code}")
    took.sort()
    return {"p50_ms": round(quantile(took, 50) * 1000, 1), "p99_ms": round(quantile(took, 99) * 1000, 1)}


def _weight_kb(house: PrivateHouse, visit: Visit) -> float:
    """The page and what it names, as they come over the wire."""
    page = visit.browser.get(house.running.web_url + visit.path, timeout=30, stream=True)
    weight = len(page.raw.read())
    page.raw.decode_content = False
    text = visit.browser.get(house.running.web_url + visit.path, timeout=30).text
    for path in sorted({html.unescape(found) for found in _FILES.findall(text)}):
        file = visit.browser.get(urljoin(house.running.web_url, path), timeout=30, stream=True)
        weight += len(file.raw.read())
    return round(weight / 1000, 1)


def _queries(house: PrivateHouse, visits: list[Visit]) -> list[int]:
    asked = [{"path": visit.path, "cookies": dict(visit.browser.cookies)} for visit in visits]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.page_queries"],
        input=json.dumps(asked),
        env=house.environment("web"),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    counts: list[int] = json.loads(done.stdout)
    return counts


def _progress(done: int, copies: int, arguments: argparse.Namespace) -> None:
    if not arguments.json:
        print(f"\r{done * TEMPLATES:,} of {copies * TEMPLATES:,} cases", end="", file=sys.stderr, flush=True)


def _tell(pages: dict[str, dict[str, Any]]) -> None:
    print(f"\n{'page':28} {'p50 ms':>8} {'p99 ms':>8} {'queries':>8} {'kB':>8}", file=sys.stderr)
    for name, page in pages.items():
        row = f"{name:28} {page['p50_ms']:8} {page['p99_ms']:8} {page['queries']:8} {page['weight_kb']:8}"
        print(row, file=sys.stderr)
