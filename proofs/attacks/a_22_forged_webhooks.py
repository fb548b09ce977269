"""A-22: whoever does not hold the account's secret tells us nothing, in whatever form."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Iterator, Sequence
from uuid import UUID, uuid4

from proofs.attacks.ground import Ground, Tenant
from proofs.attacks.seen import Seen

NAME = "A-22"
TITLE = "Forged webhooks of the payment provider are refused before they are read"

MINUTE = 60
BODY_BYTES_MAX = 256 * 1024
Headers = Sequence[tuple[str, str]]


def run(ground: Ground, seen: Seen) -> None:
    """Every form of the row, then a build that does not look at the signature."""
    tenant = ground.one
    path = f"/webhooks/stripe/{tenant.rail_account_id}"
    honest = tenant.webhook_secret
    before = _receipts(ground, tenant)
    told = set()
    for words, body, headers in _forgeries(honest, ground.two.webhook_secret):
        status, answer = _post(ground.url, path, body, headers)
        seen.expect(status == 401, f"{words}: {status}")
        told.add(answer)
    stranger, answer = _post(ground.url, f"/webhooks/stripe/{uuid4()}", b"{}", [("Stripe-Signature", "t=1,v1=00")])
    seen.expect(stranger == 401, f"an account that is not there: {stranger}")
    told.add(answer)
    seen.expect(len(told) == 1, f"refusals differ: {sorted(told)[:3]}")
    seen.expect(_receipts(ground, tenant) == before, "something that was refused was kept")
    _large(ground, seen, path, honest)
    _replayed(ground, seen, tenant, path)
    _rotated(ground, seen, tenant, path)
    with ground.broken("believes_signatures") as url:
        body = _event()
        status, _ = _post(url, path, body, [("Stripe-Signature", _signed(body, "whsec_guessed"))])
        seen.control(status == 200, "a web that believes every signature")


def _forgeries(honest: str, neighbours: str) -> Iterator[tuple[str, bytes, Headers]]:
    def signed(*, secret: str = honest, after_s: int = 0, version: str = "v1") -> str:
        return _signed(body, secret, at=int(time.time()) + after_s).replace("v1=", f"{version}=")

    body = _event()
    altered = json.dumps(json.loads(body) | {"livemode": True}).encode()
    spaced = json.dumps(json.loads(body), indent=1).encode()
    for words, header in {
        "an empty signature": "",
        "nonsense": "nonsense",
        "a wrong signature": f"t={int(time.time())},v1={'0' * 64}",
        "only a time": f"t={int(time.time())}",
        "no time": signed().split(",")[1],
        "a time in words": signed().replace("t=", "t=soon"),
        "two times": f"t=1,{signed()}",
        "another company's secret": signed(secret=neighbours),
        "an empty secret": signed(secret=""),
        "six minutes old": signed(after_s=-6 * MINUTE),
        "six minutes early": signed(after_s=6 * MINUTE),
        "scheme v0": signed(version="v0"),
        "scheme v2": signed(version="v2"),
        "other characters": "t=\u0661,v1=\u0660",
    }.items():
        yield words, body, [("Stripe-Signature", header)]
    yield "no signature at all", body, []
    yield "the signature in another header", body, [("X-Stripe-Signature", signed())]
    yield "a body that was changed", altered, [("Stripe-Signature", signed())]
    yield "the same JSON written otherwise", spaced, [("Stripe-Signature", signed())]
    wrong = f"t={int(time.time())},v1={'0' * 64}"
    yield "two headers, the wrong one last", body, [("Stripe-Signature", signed()), ("Stripe-Signature", wrong)]
    yield "two headers, the wrong one first", body, [("Stripe-Signature", wrong), ("Stripe-Signature", signed())]


def _large(ground: Ground, seen: Seen, path: str, secret: str) -> None:
    """Ten megabytes are not read; whoever signs them is not listened to either."""
    body = b" " * (10 * 1024 * 1024)
    began = time.monotonic()
    for words, headers in {
        "unsigned": [("Stripe-Signature", "t=1,v1=00")],
        "signed": [("Stripe-Signature", _signed(body, secret))],
    }.items():
        status, _ = _post(ground.url, path, body, headers)
        seen.expect(status in (401, 413), f"10 MB, {words}: {status}")
    seen.expect(time.monotonic() - began < 10, "10 MB kept the door busy")
    almost = b" " * (BODY_BYTES_MAX + 1)
    status, _ = _post(ground.url, path, almost, [("Stripe-Signature", _signed(almost, secret))])
    seen.expect(status == 413, f"a byte too many, signed: {status}")


def _replayed(ground: Ground, seen: Seen, tenant: Tenant, path: str) -> None:
    """What was heard once is acknowledged and has no effect, also when it is signed anew."""
    body, before = _event(), _receipts(ground, tenant)
    header = _signed(body, tenant.webhook_secret)
    for _ in range(3):
        status, _ = _post(ground.url, path, body, [("Stripe-Signature", header)])
        seen.expect(status == 200, f"an honest event: {status}")
    late = _signed(body, tenant.webhook_secret, at=int(time.time()) - MINUTE)
    status, _ = _post(ground.url, path, body, [("Stripe-Signature", late)])
    seen.expect(status == 200, f"signed anew: {status}")
    seen.expect(_receipts(ground, tenant) == before + 1, "a replay was kept as another event")


def _rotated(ground: Ground, seen: Seen, tenant: Tenant, path: str) -> None:
    """While a secret is replaced both are good; afterwards only the new one, and then the old one again."""
    from recoup.access import sealing

    old = tenant.webhook_secret
    for secrets_now, good in (
        (f"{old} whsec_next", (old, "whsec_next")),
        ("whsec_next", ("whsec_next",)),
        (old, (old,)),
    ):
        _seal(ground, tenant.rail_account_id, sealing.seal_for_us(secrets_now))
        for secret in (old, "whsec_next"):
            body = _event()
            status, _ = _post(ground.url, path, body, [("Stripe-Signature", _signed(body, secret))])
            wanted = 200 if secret in good else 401
            seen.expect(status == wanted, f"{len(good)} valid, {'old' if secret == old else 'new'} one: {status}")


def _seal(ground: Ground, account: UUID, sealed: bytes) -> None:
    ground.execute("UPDATE payments_railaccount SET webhook_secret_sealed = %s WHERE id = %s", sealed, account)


def _event() -> bytes:
    """Something that is none of our business, in a new envelope each time."""
    event = {"id": f"evt_{uuid4().hex}", "object": "event", "type": "customer.created", "data": {"object": {}}}
    return json.dumps(event).encode()


def _signed(body: bytes, secret: str, *, at: int | None = None) -> str:
    stamp = int(time.time()) if at is None else at
    return f"t={stamp},v1={hmac.new(secret.encode(), f'{stamp}.'.encode() + body, hashlib.sha256).hexdigest()}"


def _post(url: str, path: str, body: bytes, headers: Headers) -> tuple[int, bytes]:
    """Sent as it is, with headers that may come twice."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    try:
        connection.putrequest("POST", path)
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(body)))
        for name, value in headers:
            connection.putheader(name, value.encode())
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # refused before we had told everything
            connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (BrokenPipeError, ConnectionResetError):
        return 413, b""
    finally:
        connection.close()


def _receipts(ground: Ground, tenant: Tenant) -> int:
    ((count,),) = ground.rows("SELECT count(*) FROM webhooks_receipt WHERE merchant_id = %s", tenant.id)
    return int(count)
