"""The product's sender of webhooks, one message a line, after the breaks that are named:
`python -m proofs.broken.sends looks_twice`. Without one it is the sender as it is.

`127.0.0.2` counts as a public address here, so that a server on this machine can stand for one on the Internet.
"""

from __future__ import annotations

import json
import os
import sys
import time
from ipaddress import IPv4Network
from urllib.parse import urlsplit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recoup.config.settings")


def public_here() -> None:
    """127.0.0.2 is somebody's public server; the rest of 127.0.0.0/8 stays this machine."""
    from recoup.kernel import networks

    whole, one = IPv4Network("127.0.0.0/8"), IPv4Network("127.0.0.2/32")
    others = [(network, words) for network, words in networks._REFUSED_4 if network != whole]  # noqa: SLF001
    networks._REFUSED_4 = (*others, *((part, "this machine") for part in whole.address_exclude(one)))  # noqa: SLF001


def no_check() -> None:
    """Whatever was saved is believed: the address is neither read strictly nor looked behind."""
    import socket

    from recoup.callbacks.gateways import naming
    from recoup.callbacks.targets import Target

    def target_of(url: str) -> Target:
        parts = urlsplit(url)
        return Target(
            scheme="https",
            host=parts.hostname or "",
            port=parts.port or 443,
            path=parts.path or "/",
            address="",
            is_inside=False,
        )

    def address_of(target: Target) -> str:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        return str(found[0][4][0])

    naming.target_of, naming.address_of = target_of, address_of


def looks_twice() -> None:
    """The address is checked, and then looked up again to be connected to."""
    from recoup.callbacks.gateways import naming

    checked = naming.address_of

    def address_of(target: naming.Target) -> str:
        checked(target)
        return naming._look_up(target.host)[0]  # noqa: SLF001 - broken on purpose

    naming.address_of = address_of


def signs_the_body_only() -> None:
    """Neither the id nor the time is signed: a message can be repeated under another name, for ever."""
    import base64
    import hashlib
    import hmac

    from recoup.callbacks import signing

    def signature(told: bytes, secret: str) -> str:
        key = base64.b64decode(secret.removeprefix(signing.PREFIX))
        body = told.split(b".", 2)[2]
        return "v1," + base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()

    signing._signature = signature  # noqa: SLF001 - broken on purpose


BREAKS = {"no_check": no_check, "looks_twice": looks_twice, "signs_the_body_only": signs_the_body_only}


def main() -> None:
    """Carries what it is told on its input until that ends."""
    from recoup.callbacks import signing
    from recoup.callbacks.gateways import courier

    for line in sys.stdin:
        told = json.loads(line)
        body = told.get("body", "{}").encode()
        headers = {}
        if "secret" in told:
            at = int(time.time()) - told.get("age_s", 0)
            headers = signing.headers(message=told["id"], body=body, signed_at=at, secrets_now=[told["secret"]])
        try:
            answer = courier.carry(url=told["url"], body=body, headers=headers)
            said = {"status": answer.status, "problem": answer.problem}
        except Exception as problem:  # noqa: BLE001 - a broken build breaks as it likes
            said = {"status": None, "problem": f"{type(problem).__name__}: {problem}"}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    import django

    django.setup()
    public_here()
    for name in sys.argv[1:]:
        BREAKS[name]()
    main()
