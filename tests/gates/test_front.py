"""The front door: every request has an id, every answer its headers, and wrong hosts are refused."""

import json
import re
import uuid

import pytest
from django.test import override_settings

from tests.api.callers import is_problem
from tests.gates.files import static_file

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def test_every_answer_carries_the_id_of_its_request(browser, caller):
    for response in (
        browser.get("/"),
        browser.get("/no-such-page"),
        browser.get("/healthz"),
        browser.get("/static/no-such-file"),
        browser.get("/api/v1/openapi.json"),
        browser.get("/", HTTP_HOST="elsewhere.example"),
        caller.get("/refunds"),
    ):
        assert ID.fullmatch(response["X-Request-Id"]), response


def test_a_sane_id_of_the_sender_is_kept_and_stands_in_the_problem(caller):
    answer = caller.get("/refunds?nonsense=1", x_request_id="till-7:2026.11_23")

    assert answer["X-Request-Id"] == "till-7:2026.11_23"
    assert answer.json()["request_id"] == "till-7:2026.11_23"


@pytest.mark.parametrize(
    "told", ["short", "x" * 129, "with space inside", "<script>alert(1)</script>", "umläut-umläut"]
)
def test_an_id_that_is_not_sane_is_replaced(caller, told):
    assert ID.fullmatch(caller.get("/refunds", x_request_id=told)["X-Request-Id"])


def test_the_log_can_be_searched_for_the_id(browser):
    import structlog

    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        browser.post(
            "/browser-reports",
            json.dumps({"csp-report": {"effective-directive": "x", "violated-directive": "script-src"}}),
            content_type="application/csp-report",
            HTTP_X_REQUEST_ID="browser-4711",
        )
    seen = [line for line in lines if line.get("event") == "policy_broken"]

    assert [line["request_id"] for line in seen] == ["browser-4711"]
    assert structlog.contextvars.get_contextvars() == {}, "nothing stays for the next request of this thread"


KINDS = {
    "page": ("/", 200),
    "page that is not there": ("/no-such-page", 404),
    "page of somebody who is not signed in": ("/review", 302),
    "file": ("/static/cases.js", 200),
    "file that is not there": ("/static/nothing.css", 404),
    "API without a key": ("/api/v1/refunds", 401),
    "API address that is not there": ("/api/v1/nothing", 404),
    "API document": ("/api/v1/openapi.json", 200),
    "webhook": (f"/webhooks/stripe/{uuid.uuid4()}", 405),
    "health": ("/healthz", 200),
    "reports": ("/browser-reports", 405),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_of_every_kind_has_its_headers(browser, kind):
    from recoup.web import headers

    path, status = KINDS[kind]
    response = browser.get(static_file() if kind == "file" else path)

    assert response.status_code == status
    for name, value in headers.ALWAYS.items():
        assert response[name] == value, (kind, name)
    policy = response["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "Server" not in response
    assert "X-Powered-By" not in response
    if kind != "file":
        assert "no-store" in response["Cache-Control"] or kind == "file that is not there"


@pytest.mark.parametrize("kind", KINDS)
def test_under_https_browsers_are_told_to_stay_there_for_a_year(browser, kind):
    path, _ = KINDS[kind]
    with override_settings(PUBLIC_URL="https://refunds.example.org"):
        response = browser.get(static_file() if kind == "file" else path)

    assert response["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_without_https_nobody_is_told_to_stay_there(browser):
    assert "Strict-Transport-Security" not in browser.get("/")


def test_a_page_says_what_it_may_run(browser):
    policy = dict(part.strip().partition(" ")[::2] for part in browser.get("/")["Content-Security-Policy"].split(";"))

    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert (policy["report-uri"], policy["report-to"]) == ("/browser-reports", "policy")


def test_a_page_that_needs_a_script_of_its_own_gets_a_new_nonce_each_time(rf):
    from django.http import HttpResponse

    from recoup.web import front

    def page(request):
        return HttpResponse(f'<script nonce="{request.csp_nonce}">"here"</script>{request.csp_nonce}')

    seen = set()
    for _ in range(3):
        response = front.FrontDoor(page)(rf.get("/"))
        nonce = re.search(r'nonce="([^"]{22})"', response.content.decode())[1]
        assert response.content.decode().endswith(nonce)
        policy = response["Content-Security-Policy"]
        assert f"script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'" in policy
        seen.add(nonce)
    assert len(seen) == 3


def test_a_form_may_lead_to_the_one_site_its_page_names(rf):
    from django.http import HttpResponse

    from recoup.web import front, headers

    def page(request):
        headers.allow_form_to(request, "https://app.example.com/callback?x=1")
        return HttpResponse("consent")

    assert (
        "form-action 'self' https://app.example.com;" in front.FrontDoor(page)(rf.get("/"))["Content-Security-Policy"]
    )


def test_another_host_is_refused_everywhere_but_at_the_health_check(browser, caller):
    for path in ("/", "/api/v1/refunds", "/static/nothing", "/review"):
        assert browser.get(path, HTTP_HOST="elsewhere.example").status_code == 400, path
        assert browser.get(path, HTTP_HOST="testserver, elsewhere").status_code == 400, path
    assert is_problem(caller.get("/refunds", host="elsewhere.example"), 400, "wrong_host")
    assert browser.get("/healthz", HTTP_HOST="10.0.0.7").status_code == 200


@pytest.mark.parametrize(
    ("trusted", "socket", "forwarded", "client"),
    [
        ("", "198.51.100.1", "203.0.113.9", "198.51.100.1"),
        ("10.0.0.0/8", "198.51.100.1", "203.0.113.9", "198.51.100.1"),
        ("10.0.0.0/8", "10.0.0.2", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.2", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.2", "6.6.6.6, 203.0.113.9, 10.0.0.3", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.0/8", "10.0.0.2", "nonsense", "10.0.0.2"),
        ("10.0.0.0/8", "10.0.0.2", "203.0.113.9, nonsense", "10.0.0.2"),
        ("10.0.0.0/8, 2001:db8::/32", "2001:db8::1", "2a00::7", "2a00::7"),
    ],
)
def test_the_clients_address_is_taken_from_our_own_proxies_only(rf, trusted, socket, forwarded, client):
    from recoup.web import proxies

    request = rf.get("/", REMOTE_ADDR=socket, HTTP_X_FORWARDED_FOR=forwarded, HTTP_X_FORWARDED_PROTO="https")
    with override_settings(TRUSTED_PROXIES=trusted):
        proxies.look_behind(request.META)

    assert request.META["REMOTE_ADDR"] == client
    assert "HTTP_X_FORWARDED_FOR" not in request.META
    assert request.is_secure() == (bool(trusted) and socket != "198.51.100.1")


def test_reports_are_noted_without_addresses_and_limited(browser, monkeypatch):
    from dataclasses import replace

    import structlog

    from recoup.access import limits_rules

    real = limits_rules.rule_of
    monkeypatch.setattr(
        "recoup.access.limits.rule_of",
        lambda bucket: (
            replace(real(bucket), quota=2, window_s=366 * 86_400) if bucket == "reports.address" else real(bucket)
        ),
    )
    address = f"198.18.{uuid.uuid4().int % 250}.{uuid.uuid4().int % 250}"
    report = [{"type": "csp-violation", "body": {
        "effectiveDirective": "script-src-elem", "blockedURL": "https://evil.example/x.js?mail=mei@x.example",
        "documentURL": "https://refunds.example/cases/RC-1"}}]  # fmt: skip

    with structlog.testing.capture_logs() as lines:
        statuses = [
            browser.post(
                "/browser-reports", json.dumps(report), content_type="application/reports+json", REMOTE_ADDR=address
            ).status_code
            for _ in range(3)
        ]

    assert statuses == [204, 204, 429]
    told = [line for line in lines if line["event"] == "policy_broken"]
    assert [(line["directive"], line["blocked"]) for line in told] == [("script-src-elem", "evil.example")] * 2


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[1]", b'{"csp-report": 7}', b'[{"body": "x"}]', b"\xff", b"null"])
def test_a_report_that_is_none_is_nothing(browser, body):
    assert browser.post("/browser-reports", body, content_type="application/json").status_code == 204
