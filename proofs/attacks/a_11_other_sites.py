"""A-11: a page of another site cannot act with a person's cookies, read what they see, or frame our pages."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator
from typing import Any

import requests

from proofs.attacks.ground import Case, Ground
from proofs.attacks.seen import Seen

NAME = "A-11"
TITLE = "Other sites cannot act in a person's name, read what they see, or frame our pages"

EVIL = "https://evil.example"
VERBS = ("approve", "reject", "ask", "take")


def run(ground: Ground, seen: Seen) -> None:
    """A reviewer's cookies in the hands of another site; then a build that does not ask for a form's token."""
    case, session = ground.one.waiting_case(), ground.sign_in(ground.one.hire("reviewer"))
    _forms(ground, seen, case, session)
    _reading(ground, seen, session)
    _cookies_and_frames(ground, seen, session)
    _in_a_browser(ground, seen, case, session)
    with ground.broken("no_csrf") as url:
        ground.call("POST", "/account/logout/", session=session, url=url, headers={"Origin": EVIL})
        page = ground.call("GET", "/review", session=session)
        seen.control(page.status_code == 302, "a web that takes every form: the reviewer is signed out")


def _forms(ground: Ground, seen: Seen, case: Case, session: requests.Session) -> None:
    """Without a token, with another person's, with a stale one, and with the right one from elsewhere."""
    right, others = ground.form_token(session), ground.form_token(requests.Session())
    before = _state(ground, case)
    for verb in VERBS:
        path = f"/review/{case.number}/{verb}"
        for words, token, headers in (
            ("no token", "", {}),
            ("no token, from elsewhere", "", {"Origin": EVIL, "Referer": f"{EVIL}/"}),
            ("another person's token", others, {}),
            ("nonsense", "x" * 64, {}),
            ("the right token from elsewhere", right, {"Origin": EVIL}),
            ("the right token from nowhere", right, {"Origin": "null"}),
        ):
            data = {"csrfmiddlewaretoken": token} if token else {}
            answer = ground.call("POST", path, session=session, headers=headers, data=data)
            seen.expect(answer.status_code in (403, 404), f"{verb}, {words}: {answer.status_code}")
        looked = ground.call("GET", path, session=session)
        seen.expect(looked.status_code in (200, 404, 405), f"{verb} by GET, which only shows: {looked.status_code}")
    seen.expect(_state(ground, case) == before, "the case is another one than before")


def _reading(ground: Ground, seen: Seen, session: requests.Session) -> None:
    """What a browser asks before it lets another site call, and the API with nothing but cookies."""
    asking = {
        "Origin": EVIL,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    for path in ("/api/v1/refunds", "/api/v1/keys", "/review", "/account/login/"):
        answer = ground.call("OPTIONS", path, headers=asking, session=session)
        told = {name.lower() for name in answer.headers}
        seen.expect("access-control-allow-origin" not in told, f"{path} may be called from elsewhere")
    for origin in (EVIL, "null", f"{ground.url}.evil.example", ground.url.replace("http", "https")):
        answer = ground.call("GET", "/api/v1/refunds", key=ground.one.key("refunds:read"), headers={"Origin": origin})
        seen.expect(answer.status_code == 403, f"a key used on {origin}: {answer.status_code}")
        seen.expect("Access-Control-Allow-Origin" not in answer.headers, f"{origin} may read")
    with_cookies = ground.call("POST", "/api/v1/refunds", session=session, headers={"Origin": EVIL}, json={})
    seen.expect(with_cookies.status_code in (401, 403), f"the API with cookies only: {with_cookies.status_code}")


def _cookies_and_frames(ground: Ground, seen: Seen, session: requests.Session) -> None:
    for cookie in session.cookies:
        told = {name.lower(): value for name, value in cookie._rest.items()}  # type: ignore[attr-defined]  # noqa: SLF001
        seen.expect("httponly" in told, f"scripts can read the cookie {cookie.name}")
        seen.expect(str(told.get("samesite")) in ("Lax", "Strict"), f"{cookie.name} is sent from other sites")
    for path in ("/", "/review", "/account/login/", "/cases"):
        answer = ground.call("GET", path, session=session)
        seen.expect(answer.headers.get("X-Frame-Options") == "DENY", f"{path} may be framed")
        policy = answer.headers.get("Content-Security-Policy", "")
        seen.expect("frame-ancestors 'none'" in policy, f"{path} may be framed by its policy")
        seen.expect("form-action 'self'" in policy, f"forms of {path} may lead elsewhere")


def _in_a_browser(ground: Ground, seen: Seen, case: Case, session: requests.Session) -> None:
    """The same in a real Chromium, where there is one: the other site is `localhost`, ours 127.0.0.1."""
    executable = chromium()
    if executable is None:
        seen.left_out.append("the other site in a browser: there is no Chromium here")
        return
    from playwright.sync_api import sync_playwright

    before = _state(ground, case)
    with (
        _evil_site(ground, case) as evil,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"]) as browser,
    ):
        context = browser.new_context()
        context.add_cookies(
            [
                {"name": one.name, "value": str(one.value), "url": ground.url, "httpOnly": True, "sameSite": "Lax"}
                for one in session.cookies
            ]
        )
        page = context.new_page()
        seen.expect(page.goto(f"{ground.url}/review").status == 200, "the reviewer is signed in there")  # type: ignore[union-attr]
        page.goto(evil)
        told = page.evaluate(_READ, f"{ground.url}/api/v1/refunds")
        seen.expect(told == "blocked", f"a script of another site read {told}")
        framed = [frame.url for frame in page.frames if frame != page.main_frame]
        seen.expect(framed == ["chrome-error://chromewebdata/"], f"another site shows our page in a frame: {framed}")
        with page.expect_response(lambda answer: "/review/" in answer.url) as sent:
            page.click("#go")
        seen.expect(sent.value.status == 403, f"the form of another site: {sent.value.status}")
        context.close()
    seen.expect(_state(ground, case) == before, "a form of another site changed the case")


_READ = """async address => {
  try { return await (await fetch(address, {credentials: "include"})).text() } catch { return "blocked" }
}"""


def chromium() -> Any:
    """The system's Chromium and the library that drives it, where there are both; else None."""
    try:
        import playwright.sync_api  # noqa: F401 - is it here at all?

        from tools import browser
    except ImportError:
        return None
    return browser.find()


@contextlib.contextmanager
def _evil_site(ground: Ground, case: Case) -> Iterator[str]:
    page = (
        f'<iframe id="framed" src="{ground.url}/review"></iframe>'
        f'<form method="post" action="{ground.url}/review/{case.number}/approve"><button id="go">Win</button></form>'
    ).encode()

    class Evil(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_told: object) -> None:
            """Nothing is said for each request."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


def _state(ground: Ground, case: Case) -> list[Any]:
    return ground.rows("SELECT md5(c::text) FROM refunds_case c WHERE id = %s", case.id)
