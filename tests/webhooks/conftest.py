"""The database, the provider, a merchant of one's own, and its address for events."""

import hashlib
import hmac
import json
import time

import pytest

from tests.payments.cluster import house, market, provider
from tests.payments.market import as_role, now

__all__ = ["house", "market", "provider"]


class Door:
    """The merchant's webhook address, as the provider sees it."""

    def __init__(self, market):
        from django.test import RequestFactory

        self.market, self._requests = market, RequestFactory()

    def post(self, body, *, secret=None, at=None, header=None):
        from recoup.webhooks import views

        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        header = sign(body, secret or self.market.webhook_secret, at=at) if header is None else header
        request = self._requests.post("/", body, content_type="application/json", headers={"Stripe-Signature": header})
        return views.stripe_event(request, self.market.rail_account_id).status_code

    def receipts(self):
        return self.market.rows(
            "SELECT event_id, kind, next_at, parked_at, tries FROM webhooks_receipt"
            " WHERE rail_account_id = %s ORDER BY id",
            self.market.rail_account_id,
        )

    def act(self):
        """The worker's station, once."""
        from recoup.webhooks import actions

        with as_role(self.market.house, "recoup_worker"):
            return actions.act_on_receipts(at=now())

    def told_again(self):
        """Whatever waits for its next time waits no longer."""
        self.market.run(
            "UPDATE webhooks_receipt SET next_at = now() WHERE rail_account_id = %s AND next_at IS NOT NULL",
            self.market.rail_account_id,
        )
        self.act()


def sign(body, secret, *, at=None):
    stamp = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


def event(kind, subject, *, identity="evt_1", created=1):
    return {"id": identity, "object": "event", "type": kind, "created": created, "data": {"object": subject}}


@pytest.fixture
def door(market):
    return Door(market)
