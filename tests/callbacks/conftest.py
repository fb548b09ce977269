"""A company's server with a webhook endpoint: what comes in is verified with the published library and kept."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from standardwebhooks.webhooks import Webhook

from tests.database import as_role


class Receiver:
    """Listens on loopback. `answers`: what it says next, (status, headers, body); 200 when it was told nothing."""

    def __init__(self):
        self.came, self.answers, self.on_request = [], [], lambda: None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                receiver.came.append((self.path, dict(self.headers.items()), body))
                receiver.on_request()
                status, headers, told = receiver.answers.pop(0) if receiver.answers else (200, {}, b"ok")
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, *told):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def says(self, status, body=b"", **headers):
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, told, body))

    @property
    def messages(self):
        return [json.loads(body) for _, _, body in self.came]

    def verified(self, secret):
        """Everything that came, as the published library reads it. Raises WebhookVerificationError."""
        return [Webhook(secret).verify(body, headers) for _, headers, body in self.came]


@pytest.fixture
def receiver(settings_of_callbacks):
    receiver = Receiver()
    settings_of_callbacks.CALLBACK_INSIDE = frozenset({receiver.origin})
    yield receiver
    receiver.close()


@pytest.fixture
def settings_of_callbacks(database):
    """Django's settings, put back afterwards."""
    from django.conf import settings

    before = (settings.CALLBACK_PORTS, settings.CALLBACK_INSIDE, settings.CALLBACK_NAMESERVERS)
    yield settings
    settings.CALLBACK_PORTS, settings.CALLBACK_INSIDE, settings.CALLBACK_NAMESERVERS = before


class Sender:
    """What the worker does for one shop: hears its events, and sends what is due to its endpoints."""

    def __init__(self, database, shop):
        self.database, self.shop = database, shop

    def hears(self, *, again=False):
        """The shop's events become messages, as the subscription `callbacks` would have it.

        `again`: also those that it heard before, as after a worker that ended before it could say so.
        """
        from django.db import connection

        from recoup.access import tenancy
        from recoup.callbacks import catalogue, transactional
        from recoup.events import queries

        with as_role(self.database, "recoup_worker"), tenancy.every_merchant():
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT {queries.COLUMNS} FROM events_event e WHERE e.merchant_id = %s AND e.kind = ANY(%s)"
                    " AND (%s OR NOT EXISTS (SELECT FROM callbacks_delivery d WHERE d.event_id = e.id))"
                    " ORDER BY e.tx, e.id",
                    [self.shop.id, list(catalogue.EVENTS), again],
                )
                heard = [queries.heard(row) for row in cursor.fetchall()]
            transactional.tell_companies(heard, at=self.shop.now)
        return [event.kind for event in heard]

    def sends(self, *, at=None):
        """The station `callbacks` goes round until nothing of this shop is due."""
        from recoup.callbacks import jobs

        with as_role(self.database, "recoup_worker"):
            while self.due():
                jobs.send(at=at or self.shop.now)

    def due(self):
        return self.rows("SELECT id FROM callbacks_endpoint WHERE next_at <= now() AND lease_until IS NULL")

    def hurries(self):
        """Whatever waits for its next try waits no longer."""
        self.change("UPDATE callbacks_endpoint SET next_at = now() WHERE next_at IS NOT NULL")

    def rows(self, query, *values):
        from tests.refunds.asking import rows

        return rows(self.shop, query, *values)

    def change(self, statement, *values):
        from django.db import connection

        from recoup.access import tenancy

        @tenancy.action
        def do(*, merchant_id):
            with connection.cursor() as cursor:
                cursor.execute(statement, values)

        do(merchant_id=self.shop.id)

    def deliveries(self):
        """(sequence, type, state, statuses of its attempts) in order."""
        found = self.rows("SELECT sequence, kind, state, attempts::text FROM callbacks_delivery ORDER BY sequence")
        return [(*row[:3], [attempt["status"] for attempt in json.loads(row[3])]) for row in found]


@pytest.fixture
def sender(database, shop):
    return Sender(database, shop)


@pytest.fixture
def endpoint(shop, receiver):
    """An endpoint at the receiver that hears everything: (view, secret)."""
    return listens(shop, receiver)


def listens(shop, receiver, *types, path="/hooks"):
    from recoup.callbacks import actions, catalogue

    return actions.add_endpoint(
        merchant_id=shop.id,
        url=receiver.origin + path,
        event_types=types or catalogue.TYPES,
        by="test",
        at=shop.now,
    )
