"""The shops' own servers in the practice town believe what is signed for them, and nothing else."""

import json
import secrets
import urllib.error
import urllib.request
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook


def _post(town, shop, body, headers):
    request = urllib.request.Request(f"{town.url}/hooks/{shop}", body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.fixture
def shop(town):
    """A shop's name and secret, which its server was told."""
    name, secret = f"shop-{secrets.token_hex(4)}", "whsec_" + b64encode(secrets.token_bytes(32)).decode()
    town.post("/_practice/hooks", {"shop": name, "secret": secret})
    return name, secret


def _signed(secret, body, *, at=None):
    at = at or datetime.now(UTC)
    signature = Webhook(secret).sign(msg_id="msg_1", timestamp=at, data=body.decode())
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


def test_what_the_published_library_signs_is_believed_and_shown(town, shop):
    name, secret = shop
    body = json.dumps({"type": "refund.approved", "sequence": 7, "data": {}}).encode()

    assert _post(town, name, body, _signed(secret, body)) == 200

    (came,) = [hook for hook in town.get("/hooks.json")["hooks"] if hook["shop"] == name]
    assert (came["problem"], came["told"]["sequence"], came["message"]) == ("", 7, "msg_1")
    with urllib.request.urlopen(f"{town.url}/hooks") as answer:
        page = answer.read().decode()
    assert f"{name}: refund.approved #7" in page
    assert "Verified" in page


def test_what_is_not_signed_just_now_by_its_secret_is_not_believed(town, shop):
    name, secret = shop
    body, other = b'{"type": "refund.approved"}', "whsec_" + b64encode(secrets.token_bytes(32)).decode()
    old = datetime.now(UTC) - timedelta(minutes=6)

    for headers in ({}, _signed(other, body), _signed(secret, body + b" "), _signed(secret, body, at=old)):
        assert _post(town, name, body, headers) == 400
    assert _post(town, "nobody", body, _signed(secret, body)) == 404
    assert all(hook["problem"] for hook in town.get("/hooks.json")["hooks"] if hook["shop"] == name)


def test_a_server_can_be_told_to_fail(town, shop):
    name, secret = shop
    town.post("/_practice/hooks", {"shop": name, "secret": secret, "answer": 503})

    assert _post(town, name, b"{}", _signed(secret, b"{}")) == 503
