"""A-30: what every answer tells browsers. Recoup speaks no TLS itself: what it says where a proxy does is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import requests

from proofs.attacks.a_11_other_sites import chromium
from proofs.attacks.ground import Ground
from proofs.attacks.seen import Seen

NAME = "A-30"
TITLE = "Every answer has its headers; behind https also HSTS and locked cookies (TLS itself is the proxy's)"

HTTPS = {"RECOUP_PUBLIC_URL": "https://refunds.example", "RECOUP_TRUSTED_PROXIES": "127.0.0.0/8"}
PAGES = ("/", "/cases", "/account/login/", "/no-such-page", "/review", "/developers")
FILES = ("/static/nothing.css",)
MACHINES = ("/api/v1/refunds", "/api/v1/openapi.json", "/api/v1/nothing", "/healthz", "/browser-reports")
TALKATIVE = re.compile(r"granian|django|python|gunicorn|\d+\.\d+\.\d+", re.IGNORECASE)


def run(ground: Ground, seen: Seen) -> None:
    """The table of headers, by kind of address; then a build that says none of them."""
    session = ground.sign_in(ground.one.hire("manager"))
    for path in (*PAGES, *FILES, *MACHINES, "/account/", "/account/sessions/"):
        answer = ground.call("GET", path, session=session if path.startswith("/account/") else None)
        for words in _missing(path, answer):
            seen.expect(False, f"{path}: {words}")
        seen.expect(answer.status_code < 500, f"{path}: {answer.status_code}")
    _refusals(ground, seen)
    _behind_https(ground, seen)
    _in_a_browser(ground, seen, session)
    with ground.broken("no_headers") as url:
        seen.control(list(_missing("/", ground.call("GET", "/", url=url))), "a web that says none of them")


def _missing(path: str, answer: requests.Response) -> Iterator[str]:
    """What the answer lacks, or says too much."""
    from recoup.web import headers, routes

    for name, value in headers.ALWAYS.items():
        if answer.headers.get(name) != value:
            yield f"{name} is {answer.headers.get(name)!r}"
    policy = answer.headers.get("Content-Security-Policy", "")
    if "frame-ancestors 'none'" not in policy or "base-uri 'none'" not in policy or "default-src" not in policy:
        yield f"its policy is {policy!r}"
    if "unsafe" in policy or "*" in policy or "http:" in policy.replace("http://127.0.0.1", ""):
        yield f"its policy allows too much: {policy!r}"
    is_kept = routes.kind_of(path) is routes.Kind.STATIC and answer.status_code == 200
    if not is_kept and "no-store" not in answer.headers.get("Cache-Control", ""):
        yield f"it may be kept: {answer.headers.get('Cache-Control')!r}"
    if "X-Request-Id" not in answer.headers:
        yield "it has no id"
    for name in ("Server", "X-Powered-By", "Via"):
        if TALKATIVE.search(answer.headers.get(name, "")):
            yield f"{name} tells what we are made of: {answer.headers[name]}"


def _refusals(ground: Ground, seen: Seen) -> None:
    """Answers that no view gives have them too."""
    for words, answer in {
        "another host": ground.call("GET", "/", headers={"Host": "evil.example"}),
        "a body too large": ground.call("POST", "/healthz", data=b"x"),
        "a form without its token": ground.call("POST", "/cases", data={"number": "1"}),
        "a wrong method": ground.call("DELETE", "/api/v1/refunds"),
        "a packed body": ground.call("POST", "/api/v1/refunds", data=b"x", headers={"Content-Encoding": "gzip"}),
    }.items():
        seen.expect(400 <= answer.status_code < 500, f"{words}: {answer.status_code}")
        seen.expect(not list(_missing("/", answer)), f"{words}: {list(_missing('/', answer))}")


def _behind_https(ground: Ground, seen: Seen) -> None:
    with ground.broken("nothing", settings=HTTPS) as url:
        for path in (*PAGES, *FILES, *MACHINES):
            answer = ground.call("GET", path, url=url, headers={"X-Forwarded-Proto": "https"})
            told = answer.headers.get("Strict-Transport-Security", "")
            seen.expect(told == "max-age=31536000; includeSubDomains", f"{path} over https: HSTS is {told!r}")
            for cookie in _cookies(answer):
                held = cookie.startswith("__Host-") and "; Secure" in cookie and "; HttpOnly" in cookie
                seen.expect(held and "; Path=/" in cookie and "omain=" not in cookie, f"{path} sets {cookie}")
    seen.expect("Strict-Transport-Security" not in ground.call("GET", "/").headers, "HSTS without https")


def _cookies(answer: requests.Response) -> list[str]:
    raw: Any = answer.raw
    return list(raw.headers.getlist("Set-Cookie"))


def _in_a_browser(ground: Ground, seen: Seen, session: requests.Session) -> None:
    """Where there is a Chromium: no page of ours breaks its own policy, and one that would is told of."""
    executable = chromium()
    if executable is None:
        seen.left_out.append("the pages in a browser: there is no Chromium here")
        return
    from playwright.sync_api import sync_playwright

    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"]) as browser,
    ):
        context = browser.new_context()
        context.add_cookies([{"name": one.name, "value": str(one.value), "url": ground.url} for one in session.cookies])
        context.add_init_script(_LISTEN)
        page = context.new_page()
        pages = _plain_pages()
        for path in pages[:: 3 if ground.is_short else 1]:
            answer = page.goto(f"{ground.url}{path}", wait_until="load")
            broken = page.evaluate("window.policyBroken")
            seen.expect(not broken, f"{path} ({answer.status if answer else '?'}) breaks its policy: {broken}")
        page.goto(f"{ground.url}/")
        page.evaluate("document.body.setAttribute('style', 'color: red')")
        page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))")
        seen.expect(page.evaluate("window.ran") is None, "an inline script ran")
        seen.expect(page.evaluate("window.policyBroken"), "the listener hears nothing")
        context.close()


_LISTEN = """window.policyBroken = [];
document.addEventListener("securitypolicyviolation", event =>
  window.policyBroken.push(event.effectiveDirective + " " + event.blockedURI))"""


def _plain_pages() -> list[str]:
    """Every address of a page that needs no number or name in it."""
    from django.urls import URLPattern, URLResolver, get_resolver

    def walk(patterns: Any, before: str) -> Iterator[str]:
        for one in patterns:
            route = before + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, route)
            elif isinstance(one, URLPattern) and not set(route) & set("<^(?\\"):
                yield f"/{route}"

    from recoup.web.routes import Kind, kind_of

    return sorted(
        {path for path in walk(get_resolver().url_patterns, "") if kind_of(path) is Kind.PAGE and "logout" not in path}
    )
