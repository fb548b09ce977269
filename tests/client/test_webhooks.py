"""Webhooks are checked as the Standard Webhooks specification says: our small check and the published library agree."""

import base64
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recoup_client import BadSettings, BadSignature, WebhookVerifier
from recoup_client.webhooks import sign
from standardwebhooks.webhooks import Webhook as Published
from standardwebhooks.webhooks import WebhookVerificationError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#: From the specification's reference implementations.
KNOWN = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
BODY = b'{"test": 2432232314}'


def headers(body=BODY, *, secret=SECRET, at=None, message_id="msg_1"):
    stamp = int(time.time()) if at is None else at
    return {
        "Webhook-Id": message_id,
        "Webhook-Timestamp": str(stamp),
        "Webhook-Signature": sign(secret, message_id=message_id, at=stamp, body=body),
    }


def test_the_known_example_of_the_specification_is_accepted():
    told = WebhookVerifier(SECRET).verify(BODY, KNOWN, now=1614265330)

    assert told.id == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert told.payload == {"test": 2432232314}
    assert told.sent_at == datetime(2021, 2, 25, 15, 2, 10, tzinfo=UTC)


@given(
    st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=12), max_size=5),
    st.binary(min_size=24, max_size=64),
)
def test_what_we_sign_the_library_accepts_and_the_other_way_round(payload, key):
    secret, body = f"whsec_{base64.b64encode(key).decode()}", json.dumps(payload)
    ours = headers(body.encode(), secret=secret)

    assert Published(secret).verify(body, {name.lower(): value for name, value in ours.items()}) == payload

    at = datetime.fromtimestamp(int(time.time()), UTC)
    theirs = {"webhook-id": "msg_2", "webhook-timestamp": str(int(at.timestamp())),
              "webhook-signature": Published(secret).sign("msg_2", at, body)}  # fmt: skip
    assert WebhookVerifier(secret).verify(body.encode(), theirs).payload == payload


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_other"},
        {"webhook-id": ""},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "١٦١٤٢٦٥٣٣٠"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"webhook-signature": "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"webhook-signature": "v1,gOhM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
    ],
)
def test_whatever_is_not_exactly_ours_is_refused_as_the_library_refuses_it(change):
    told = {**KNOWN, **change}

    with pytest.raises(BadSignature):
        WebhookVerifier(SECRET).verify(BODY, told, now=1614265330)
    with pytest.raises((WebhookVerificationError, ValueError)):
        Published(SECRET).verify(BODY.decode(), told)


def test_a_changed_body_or_another_secret_is_refused():
    good = headers()
    for body, secret in ((BODY + b" ", SECRET), (BODY, f"whsec_{base64.b64encode(b'x' * 24).decode()}")):
        with pytest.raises(BadSignature):
            WebhookVerifier(secret).verify(body, good)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_replay_of_another_time_is_refused(minutes):
    late = headers(at=int(time.time()) + minutes * 60)

    with pytest.raises(BadSignature):
        WebhookVerifier(SECRET).verify(BODY, late)
    with pytest.raises(WebhookVerificationError):
        Published(SECRET).verify(BODY.decode(), {name.lower(): value for name, value in late.items()})


def test_while_a_secret_is_replaced_both_are_good():
    newer = f"whsec_{base64.b64encode(b'n' * 24).decode()}"
    old, new = headers(), headers(secret=newer)

    for told in (old, new, {**old, "Webhook-Signature": f"v1,AAAA {old['Webhook-Signature']}"}):
        assert WebhookVerifier(SECRET, newer).verify(BODY, told).id == "msg_1"


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_not base64!", "rk_something"])
def test_what_is_no_secret_is_refused_at_once(secret):
    with pytest.raises(BadSettings):
        WebhookVerifier(secret)
    with pytest.raises(BadSettings):
        WebhookVerifier()
