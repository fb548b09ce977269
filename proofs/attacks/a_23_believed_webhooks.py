"""A-23: a company's server can tell our webhooks from everybody else's, with libraries that are not ours."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from proofs.attacks.ground import Ground
from proofs.attacks.outside import PUBLIC, Names, Sender, Server, certificate_for, sender
from proofs.attacks.seen import Seen

NAME = "A-23"
TITLE = "A webhook of ours is believed, and nobody else's, by libraries that others wrote"

WAIT_S = 20
BODY = json.dumps({"type": "refund.approved", "version": 1, "sequence": 1, "data": {"number": "RC-é"}})


def run(ground: Ground, seen: Seen) -> None:
    """The whole way to the practice town's server; then the signature itself, against other people's code."""
    _whole_way(ground, seen)
    with tempfile.TemporaryDirectory() as folder:
        names, certificate = Names(), certificate_for(["hooks.attack.example"], Path(folder))
        server = Server(PUBLIC, 0, certificate=certificate)
        names.answers["hooks.attack.example"] = [[PUBLIC]]
        settings = {
            **ground.house.environment("worker"),
            "RECOUP_CALLBACK_NAMESERVERS": names.address,
            "RECOUP_CALLBACK_PORTS": str(server.port),
            "SSL_CERT_FILE": str(certificate),
        }
        try:
            with sender(settings=settings) as sound:
                _signature(seen, sound, server)
            with sender("signs_the_body_only", settings=settings) as broken:
                secret = _secret()
                headers, body = _carried(broken, server, secret)
                seen.control(not _verifies(secret, headers, body), "a sender that signs neither id nor time")
        finally:
            names.close()
            server.close()


def _whole_way(ground: Ground, seen: Seen) -> None:
    """By API, event and worker. The secret is shown once, sealed in the database, and replaced without a gap."""
    key, shop = ground.one.new_key("webhooks:read", "webhooks:write"), f"a23-{uuid4().hex[:8]}"
    town = ground.house.running.town_url
    body = {"url": f"{town}/hooks/{shop}", "event_types": ["refund.submitted", "refund.approved"]}
    made = ground.call("POST", "/api/v1/webhook-endpoints", key=key, json=body).json()
    path, secret = f"/api/v1/webhook-endpoints/{made['id']}", made["secret"]
    seen.expect(secret.startswith("whsec_") and len(base64.b64decode(secret[6:])) == 32, "the secret's form")
    for where in ("/api/v1/webhook-endpoints", path, f"{path}/deliveries"):
        seen.expect(secret not in ground.call("GET", where, key=key).text, f"{where} tells the secret")
    ((sealed,),) = ground.rows("SELECT secret_sealed FROM callbacks_endpoint WHERE id = %s", made["id"])
    seen.expect(base64.b64decode(secret[6:]) not in bytes(sealed), "the secret lies open in the database")
    _tell_town(town, shop, secret)
    case = ground.one.case()
    came = _came(town, shop, 2)
    seen.expect([one["told"].get("type") for one in came] == ["refund.submitted", "refund.approved"], f"{came}")
    seen.expect([one["told"].get("sequence") for one in came] == [1, 2], "the order")
    seen.expect(all(not one["problem"] for one in came), f"not believed: {[one['problem'] for one in came]}")
    seen.expect(case.email not in json.dumps(came), "the shopper's address is told")
    rotated = ground.call("POST", f"{path}/rotate-secret", key=key, json={"overlap_h": 1}).json()
    ground.call("POST", f"{path}/test", key=key)
    seen.expect(not _came(town, shop, 3)[-1]["problem"], "the old secret signs no more while it is replaced")
    _tell_town(town, shop, rotated["secret"])
    ground.call("POST", f"{path}/test", key=key)
    seen.expect(not _came(town, shop, 4)[-1]["problem"], "the new secret does not sign")
    ground.call("POST", f"{path}/rotate-secret", key=key, json={"overlap_h": 0})
    ground.call("POST", f"{path}/test", key=key)
    seen.expect(_came(town, shop, 5)[-1]["problem"], "a secret that was taken away signs still")
    ground.call("DELETE", path, key=key)


def _signature(seen: Seen, sound: Sender, server: Server) -> None:
    secret, other = _secret(), _secret()
    headers, body = _carried(sound, server, secret)
    seen.expect(body == BODY.encode(), "the body was changed on the way")
    seen.expect(_verifies(secret, headers, body), "the published library does not believe us")
    seen.expect(_by_openssl(secret, headers, body), "openssl makes another signature")
    seen.expect(not _verifies(other, headers, body), "another secret verifies")
    for words, changed in {
        "another id": {"webhook-id": "msg_other"},
        "another time": {"webhook-timestamp": str(int(time.time()) + 1)},
        "no signature": {"webhook-signature": ""},
        "a made-up signature": {"webhook-signature": "v1," + base64.b64encode(b"0" * 32).decode()},
        "scheme v0": {"webhook-signature": headers["webhook-signature"].replace("v1,", "v0,")},
    }.items():
        seen.expect(not _verifies(secret, {**headers, **changed}, body), words)
    seen.expect(not _verifies(secret, headers, body.replace(b"approved", b"rejected")), "another body")
    headers, body = _carried(sound, server, secret, age_s=360)
    seen.expect(not _verifies(secret, headers, body), "six minutes old")


def _carried(through: Sender, server: Server, secret: str, *, age_s: int = 0) -> tuple[dict[str, str], bytes]:
    message = f"msg_{uuid4().hex}"
    through.say(f"https://hooks.attack.example:{server.port}/", body=BODY, id=message, secret=secret, age_s=age_s)
    headers, body = server.messages[-1]
    return {name.lower(): value for name, value in headers.items()}, body


def _verifies(secret: str, headers: dict[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body, headers)
    except (WebhookVerificationError, ValueError):
        return False
    return True


def _by_openssl(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """The same in C: no line of it is ours or Python's. True where there is no openssl."""
    program = shutil.which("openssl")
    if program is None:
        return True
    told = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = f"hexkey:{base64.b64decode(secret[6:]).hex()}"
    command = [program, "dgst", "-sha256", "-mac", "HMAC", "-macopt", key, "-binary"]
    made = subprocess.run(command, input=told, capture_output=True, check=True).stdout
    return headers["webhook-signature"] == "v1," + base64.b64encode(made).decode()


def _secret() -> str:
    from recoup.callbacks import signing

    return signing.new_secret()


def _tell_town(town: str, shop: str, secret: str) -> None:
    requests.post(f"{town}/_practice/hooks", json={"shop": shop, "secret": secret}, timeout=10).raise_for_status()


def _came(town: str, shop: str, count: int) -> list[dict[str, Any]]:
    """What that shop's server was told, oldest first, once there is so much of it."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        told = requests.get(f"{town}/hooks.json", timeout=10).json()["hooks"]
        found = [one for one in reversed(told) if one["shop"] == shop]
        if len(found) >= count:
            return found
        time.sleep(0.1)
    raise RuntimeError(f"only {len(found)} of {count} messages came to {shop}")
