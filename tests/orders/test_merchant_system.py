"""Asking the merchant's own system: found, unchanged, unknown or silent, and never led elsewhere."""

import gzip
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from recoup.access import tenancy
from tests.orders.counters import Counter, actions, merchant_system, queries
from tests.orders.town import MAPPING, connect, tell_town


def ask(shop, number="A-1"):
    return merchant_system.ask(merchant_id=shop.id, number=number)


@pytest.mark.slow
def test_an_order_of_another_schema_is_found_and_stored(town, town_shop):
    discounted = {"orderDiscount": {"code": "HI", "amount": "5.00"}, "totals": {"paid": "98.80"}}
    discounted["payments"] = [{"kind": "card", "gateway": "stripe", "chargeId": "x", "amount": "98.80"}]
    tell_town(town, town_shop, **discounted)

    answer = ask(town_shop)
    actions.take_copy(merchant_id=town_shop.id, document=answer.document, source=answer.source, at=town_shop.now)

    found = queries.order_with_lines(merchant_id=town_shop.id, number="A-1")
    (lamp,) = found.lines
    assert (lamp.list_minor, lamp.order_discount_minor, lamp.tax_included_minor) == (9980, -500, 824)
    assert (found.shipping_minor, found.paid_minor, found.source) == (400, 9880, "connector")
    assert (found.email, found.country, found.tax_percent_thousandths) == ("mei@example.com", "SG", 9000)
    assert isinstance(ask(town_shop), merchant_system.Unchanged)
    tell_town(town, town_shop, **discounted, state="returned")
    assert isinstance(ask(town_shop), merchant_system.Found)


@pytest.mark.slow
def test_orders_of_a_shopper_are_found_by_e_mail(town, town_shop):
    tell_town(town, town_shop, "A-1")
    tell_town(town, town_shop, "A-2")

    found = merchant_system.ask_for_shopper(merchant_id=town_shop.id, email="mei@example.com")

    assert {document.number for document in found} == {"A-1", "A-2"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "is_worth_asking_again"),
    [
        ({"status": 503}, True),
        ({"status": 401}, False),
        ({"drop": True}, True),
        ({"garbage": True}, True),
        ({"sleep_s": 1.5}, True),
    ],
)
def test_a_system_without_a_good_answer_is_silent(town, town_shop, fault, is_worth_asking_again):
    connect(
        town_shop,
        f"{town.url}/orders/{{number}}",
        json.loads(MAPPING.read_text()),
        key=f"key-{town_shop.slug}",
        timeout_s=1,
    )
    tell_town(town, town_shop)
    town.post("/_practice/order-faults", {"shop": town_shop.slug, **fault})

    answer = ask(town_shop)

    assert isinstance(answer, merchant_system.Silent)
    assert answer.is_worth_asking_again is is_worth_asking_again


@pytest.mark.slow
def test_an_unknown_order_is_said_to_be_unknown(town_shop):
    assert isinstance(ask(town_shop, "Z-9"), merchant_system.NotFound)


def test_without_a_connector_there_is_silence(shop):
    answer = ask(shop)

    assert isinstance(answer, merchant_system.Silent)
    assert not answer.is_worth_asking_again


def test_nobody_is_asked_with_a_transaction_open(shop):
    @tenancy.action
    def wrongly(*, merchant_id):
        merchant_system.ask(merchant_id=merchant_id, number="A-1")

    with pytest.raises(RuntimeError, match="transaction"):
        wrongly(merchant_id=shop.id)


class Stranger:
    """A system that misbehaves."""

    def __init__(self, answer):
        class Handler(BaseHTTPRequestHandler):
            asked, hosts = [], []

            def do_GET(self):
                self.asked.append(self.path)
                self.hosts.append(self.headers["Host"])
                answer(self)

            def log_message(self, *_):
                pass

        self.asked, self.hosts = Handler.asked, Handler.hosts
        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def _redirect(handler):
    handler.send_response(302)
    handler.send_header("Location", "/secret")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def _flood(handler):
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(40):
            handler.wfile.write(b" " * 65_536)
    except OSError:
        pass


def _bomb(handler):
    packed = gzip.compress(b" " * 20_000_000)
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.send_header("Content-Length", str(len(packed)))
    handler.end_headers()
    handler.wfile.write(packed)


def _drip(handler):
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(30):
            handler.wfile.write(b" ")
            time.sleep(0.1)
    except OSError:
        pass


def _own_form(handler):
    body = json.dumps(
        {
            "number": "A-1",
            "placed_at": "2026-11-02T09:30:00Z",
            "currency": "SGD",
            "lines": [{"sku": "MUG", "quantity": 1, "unit_price_minor": 500}],
        }
    ).encode()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def stranger():
    opened = []

    def open_one(answer):
        opened.append(Stranger(answer))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def test_redirects_are_not_followed(shop, stranger):
    system = stranger(_redirect)
    connect(shop, system.url, {})

    answer = ask(shop, "A-1")

    assert isinstance(answer, merchant_system.Silent)
    assert system.asked == ["/orders/A-1"]


def test_an_answer_without_end_is_cut_off(shop, stranger):
    connect(shop, stranger(_flood).url, {})

    answer = ask(shop)

    assert isinstance(answer, merchant_system.Silent)
    assert "larger" in answer.reason


def test_a_small_packed_answer_does_not_become_a_large_one(shop, stranger):
    connect(shop, stranger(_bomb).url, {})

    answer = ask(shop)

    assert isinstance(answer, merchant_system.Silent)
    assert "larger" in answer.reason


def test_an_answer_that_never_ends_by_itself_is_not_taken_for_whole(shop, stranger):
    connect(shop, stranger(_drip).url, {}, timeout_s=1)

    answer = ask(shop)

    assert isinstance(answer, merchant_system.Silent)
    assert "slowly" in answer.reason


@pytest.mark.network  # the name is answered for below; nothing leaves this machine
def test_the_name_of_a_system_is_looked_up_once_and_that_address_is_asked(shop, stranger, names):
    system = stranger(_own_form)
    port = system.url.rpartition(":")[2]
    names["orders.shop.example"] = ["127.0.0.1"]
    connect(shop, f"http://orders.shop.example:{port}", {})

    assert ask(shop).document.number == "A-1"
    assert system.hosts == [f"orders.shop.example:{port}"]
    assert names.asked == ["orders.shop.example"]


@pytest.mark.network
def test_an_address_that_does_not_listen_is_not_the_last_one_tried(shop, stranger, names):
    system = stranger(_own_form)
    names["orders.shop.example"] = ["127.0.0.77", "127.0.0.1"]
    connect(shop, f"http://orders.shop.example:{system.url.rpartition(':')[2]}", {})

    assert ask(shop).document.number == "A-1"


@pytest.mark.network
def test_in_production_one_address_inside_refuses_the_name(settings_in_production, names):
    fetching = Counter("recoup.orders.gateways.fetching")
    names["orders.shop.example"] = ["93.184.215.14", "127.0.0.1"]

    with pytest.raises(fetching.NoAnswer, match="not public"):
        fetching.fetch("http://orders.shop.example/", host="orders.shop.example", headers={}, timeout_s=1)


class Names(dict):
    """What the names' servers say; whoever asks them a second time is told another address."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def look_up(self, host, port, *rest, **named):
        if host not in self:
            return _real_look_up(host, port, *rest, **named)
        self.asked.append(host)
        addresses = self[host] if self.asked.count(host) == 1 else ["127.0.0.66"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port or 0)) for address in addresses]


_real_look_up = socket.getaddrinfo


@pytest.fixture
def names(monkeypatch):
    told = Names()
    monkeypatch.setattr(socket, "getaddrinfo", told.look_up)
    return told


def test_a_system_may_speak_our_own_form(shop, stranger):
    connect(shop, stranger(_own_form).url, {})

    assert ask(shop, "A-1").document.lines[0].sku == "MUG"
    assert isinstance(ask(shop, "A-2"), merchant_system.Silent)  # it told another order than was asked for


def test_a_number_cannot_lead_to_another_path(shop, stranger):
    system = stranger(_redirect)
    connect(shop, system.url, {})

    ask(shop, "../admin?x=1#y")

    assert system.asked == ["/orders/..%2Fadmin%3Fx%3D1%23y"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://user:pw@127.0.0.1/"])
def test_only_plain_web_addresses_are_asked(shop, url):
    connect(shop, url, {})

    assert isinstance(ask(shop), merchant_system.Silent)


@pytest.mark.network  # the guard would refuse to look these addresses up; we refuse to connect to them
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.1.", "10.0.0.8", "169.254.169.254"])
def test_in_production_a_system_is_not_inside_our_own_network(database, settings_in_production, host):
    fetching = Counter("recoup.orders.gateways.fetching")
    shown = f"[{host}]" if ":" in host else host

    with pytest.raises(fetching.NoAnswer):
        fetching.fetch(f"http://{shown}/", host=host, headers={}, timeout_s=1)


@pytest.fixture
def settings_in_production(database):
    from django.test import override_settings

    with override_settings(MODE="production"):
        yield
