"""Texts leave through a gateway that is a program of its own, once, and nothing of them stays behind."""

import argparse
import base64
import io
import json
import secrets
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import override_settings

from recoup.access import sealing
from recoup.config import safety
from recoup.config.commands import seal

NOW = datetime.now(UTC)


class Gateway:
    """Keeps what it was asked; `answers` are given first, then 201."""

    def __init__(self):
        self.asked, self.answers = [], []
        gateway = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                gateway.asked.append((self.path, dict(self.headers), body))
                status, told, *where = gateway.answers.pop(0) if gateway.answers else (201, {"sid": "SM1"})
                answer = json.dumps(told).encode()
                self.send_response(status)
                for address in where:
                    self.send_header("Location", address)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def gateway():
    gateway = Gateway()
    yield gateway
    gateway.server.shutdown()
    gateway.server.server_close()


@pytest.fixture
def number():
    return f"+6591{secrets.randbelow(10**6):06d}"


@pytest.fixture
def twilio(gateway):
    with override_settings(
        SMS_GATEWAY="twilio",
        TWILIO_URL=gateway.url,
        TWILIO_ACCOUNT_SID="AC1",
        TWILIO_AUTH_TOKEN="very secret",
        TWILIO_FROM="+6580000000",
    ):
        yield gateway


@pytest.fixture
def any_gateway(gateway):
    with override_settings(
        SMS_GATEWAY="http",
        SMS_URL=f"{gateway.url}/send?v=2",
        SMS_HEADERS='{"X-Api-Key": "very secret"}',
        SMS_BODY='{"messages": [{"recipient": "{to}", "body": "{text}"}], "id": "{ref}"}',
    ):
        yield gateway


@pytest.fixture
def line(database, as_worker):
    """The texts of this test alone: others' were sent, or are kept out of the way."""
    with as_worker(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM notifications_accounttext")

    class Line:
        def writes(self, to, code="123456"):
            from recoup.notifications import actions

            facts = {"code": code, "host": "recoup.example"}
            actions.write_text(kind=actions.Text.CODE, to=to, facts=facts, at=NOW)

        def sends(self, at=NOW):
            from recoup.notifications import text_jobs

            with as_worker():
                return text_jobs.deliver(at=at)

        def is_due_again(self):
            with as_worker(), connection.cursor() as cursor:
                cursor.execute("UPDATE notifications_accounttext SET next_at = now() WHERE next_at IS NOT NULL")

        def row(self):
            with as_worker(), connection.cursor() as cursor:
                cursor.execute(
                    "SELECT sent_at IS NOT NULL, problem, length(facts_sealed), parked_at IS NOT NULL"
                    " FROM notifications_accounttext"
                )
                return cursor.fetchone()

    return Line()


def test_twilio_is_asked_as_its_manual_says(twilio, line, number):
    line.writes(number)
    line.sends()

    [(path, headers, body)] = twilio.asked
    fields = parse_qs(body)
    assert path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")) == b"AC1:very secret"
    assert (fields["To"], fields["From"]) == ([number], ["+6580000000"])
    assert fields["Body"][0].startswith("123456 is your Recoup code")
    assert fields["Body"][0].endswith("\n\n@recoup.example #123456")
    assert line.row() == (True, "", 0, False)


def test_a_secret_that_was_sealed_by_the_command_is_opened_when_it_is_used(
    any_gateway, line, number, capsys, monkeypatch
):
    monkeypatch.setattr("sys.stdin", io.StringIO('{"X-Api-Key": "sealed well"}\n'))
    assert seal.run(argparse.Namespace(name="RECOUP_SMS_HEADERS"), None) == 0
    name, _, told = capsys.readouterr().out.strip().partition("=")
    assert (name, "sealed well" in told) == ("RECOUP_SMS_HEADERS", False)

    with override_settings(SMS_HEADERS=told):
        line.writes(number)
        line.sends()

    [(_path, headers, _body)] = any_gateway.asked
    assert headers["X-Api-Key"] == "sealed well"


def test_a_secret_sealed_by_another_house_keeps_the_text_waiting(twilio, line, number):
    with override_settings(FIELD_KEY="ab" * 32):
        told = sealing.as_setting("very secret")

    with override_settings(TWILIO_AUTH_TOKEN=told):
        line.writes(number)
        line.sends()

    assert twilio.asked == []
    assert line.row()[:2] == (False, "gateway away (ValueError)")


@pytest.mark.parametrize("name", ["RECOUP_TWILIO_AUTH_TOKEN", "RECOUP_SMS_HEADERS"])
def test_production_does_not_start_with_a_gateways_secret_in_the_clear(name):
    def starts(told):
        key, hosts = "k" * 50, ["recoup.example"]
        safety.refuse_unsafe(mode="production", secret_key=key, debug=False, hosts=hosts, environment={name: told})

    with pytest.raises(ImproperlyConfigured, match=f"bin/recoup seal {name}"):
        starts('{"Authorization": "Bearer clear"}')
    starts("sealed:abc")
    starts("{}" if name == "RECOUP_SMS_HEADERS" else "")


def test_a_service_of_twilios_is_named_as_one(twilio, line, number):
    with override_settings(TWILIO_FROM="MG0123"):
        line.writes(number)
        line.sends()

    assert parse_qs(twilio.asked[0][2])["MessagingServiceSid"] == ["MG0123"]


def test_any_gateway_is_asked_by_the_operators_template(any_gateway, line, number):
    line.writes(number, code='9"}{to}')
    line.sends()

    [(path, headers, body)] = any_gateway.asked
    told = json.loads(body)
    assert path == "/send?v=2"
    assert headers["X-Api-Key"] == "very secret"
    assert told["messages"][0]["recipient"] == number
    assert told["messages"][0]["body"].startswith('9"}{to} is your')
    assert len(told["id"]) == 36


def test_a_form_is_sent_where_the_gateway_wants_one(any_gateway, line, number):
    with override_settings(SMS_BODY_TYPE="form", SMS_BODY='{"to": "{to}", "msg": "{text}", "from": "Recoup"}'):
        line.writes(number)
        line.sends()

    fields = parse_qs(any_gateway.asked[0][2])
    assert (fields["to"], fields["from"]) == ([number], ["Recoup"])


def test_a_gateway_that_is_busy_gets_the_same_text_again(any_gateway, line, number):
    any_gateway.answers += [(503, {}), (429, {})]
    line.writes(number)
    for _ in range(3):
        line.sends()
        line.is_due_again()

    assert len({json.loads(body)["id"] for _, _, body in any_gateway.asked}) == 1
    assert len(any_gateway.asked) == 3
    assert line.row() == (True, "", 0, False)


def test_a_number_that_takes_no_texts_is_given_up_and_its_code_wiped(twilio, line, number):
    twilio.answers.append((400, {"code": 21614, "message": f"'To' number {number} is not a valid mobile number"}))
    line.writes(number)
    line.sends()

    assert line.row() == (False, "gateway answered 400, error 21614", 0, True)


def test_a_redirect_is_not_followed(any_gateway, line, number):
    any_gateway.answers.append((302, {}, f"{any_gateway.url}/elsewhere"))
    line.writes(number)
    line.sends()

    assert len(any_gateway.asked) == 1
    assert line.row()[1] == "gateway answered 302"


def test_a_gateway_that_is_away_costs_no_text(any_gateway, line, number):
    with override_settings(SMS_URL="http://127.0.0.1:1/"):
        line.writes(number)
        for _ in range(7):
            line.sends()
            line.is_due_again()
    assert line.row()[1].startswith("gateway away")

    line.sends()
    assert line.row()[0]


def test_a_code_that_is_too_old_is_not_sent_any_more(any_gateway, line, number):
    line.writes(number)
    line.sends(at=NOW + timedelta(minutes=11))

    assert any_gateway.asked == []
    assert line.row() == (False, "too late to be of use", 0, True)


def test_production_sends_neither_without_tls_nor_into_a_network(any_gateway, line, number):
    for url in (any_gateway.url, any_gateway.url.replace("http:", "https:")):
        with override_settings(MODE="production", SMS_URL=url):
            line.writes(number)
            line.sends()

    assert any_gateway.asked == []


def test_neither_number_nor_code_is_in_the_log_or_in_the_open(twilio, line, number, capfd, as_worker):
    twilio.answers.append((500, {"message": number}))
    line.writes(number, code="314159")
    with as_worker(), connection.cursor() as cursor:
        cursor.execute("SELECT t::text, facts_sealed FROM notifications_accounttext t")
        row, sealed = cursor.fetchone()
    line.sends()
    line.is_due_again()
    line.sends()

    logged = "".join(capfd.readouterr())
    assert number[3:] not in row
    assert number.encode() not in bytes(sealed)
    assert number[3:] not in logged
    assert "314159" not in logged
    assert "very secret" not in logged
