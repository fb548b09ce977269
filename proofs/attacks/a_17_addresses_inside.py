"""A-17: nobody makes Recoup call inside: not by any spelling of an address, nor by a name that changes its mind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from proofs.attacks.ground import Ground
from proofs.attacks.outside import PUBLIC, Canary, Names, Sender, Server, certificate_for, sender
from proofs.attacks.seen import Seen

NAME = "A-17"
TITLE = "Webhook addresses that point inside are refused when they are saved and when something is sent"

INSIDE = """
127.0.0.1 127.0.0.3 127.1 127.0.1 127.255.255.254 2130706433 0x7f000001 0x7f.0.0.1 0x7f.1 0177.0.0.1 0177.1
017700000001 127.0.0.01 127.0.0.1. 127.000.000.001 00127.0.0.1 0 0.0.0.0 0.0.0.1 0x0 00 10.0.0.1 10.255.255.255 10.1
167772161 0xa000001 012.0.0.1 100.64.0.1 100.100.100.200 100.127.255.254 168.63.129.16 169.254.0.1 169.254.169.254
169.254.170.2 169.254.43518 2852039166 0xa9fea9fe 0xa9.0xfe.0xa9.0xfe 0251.0376.0251.0376 025177524776 172.16.0.1
172.20.10.1 172.31.255.254 192.0.0.1 192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1
192.168.255.255 192.168.1 3232235777 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1
239.255.255.250 240.0.0.1 255.255.255.255 256.0.0.1 1.2.3.4.5 1.2.3 4294967295 4294967296 99999999999
[::] [::1] [0:0:0:0:0:0:0:1] [0000::1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:a9fe:a9fe] [::ffff:0:127.0.0.1]
[::127.0.0.1] [::7f00:1] [64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::a00:1] [100::1] [2001::1]
[2001:0:7f00:1::] [2001:10::1] [2001:db8::1] [2002:7f00:1::] [2002:a9fe:a9fe::1] [2002:a00:1::] [3fff::1] [5f00::1]
[fc00::1] [fd00::1] [fd00:ec2::254] [fe80::1] [fe80::1%25lo] [fe80::1%lo] [fec0::1] [ff02::1] [ff0e::1]
[2606:4700::5efe:7f00:1] [2606:4700::200:5efe:a00:1] [::1%25lo] [::1%lo] [v1.a] [] [127.0.0.1]
localhost LOCALHOST localhost. localhost.localdomain foo.localhost ip6-localhost loopback metadata
metadata.google.internal instance-data kubernetes.default.svc.cluster.local printer.local router.lan intranet
db.internal host.docker.internal gateway.docker.internal vault.service.consul.internal wpad.corp nas.home
1.0.0.127.in-addr.arpa a.home.arpa hidden.onion a.alt a.invalid a -a.example.com a-.example.com a..example.com
.example.com example.com. _a.example.com a_b.example.com
""".split()
#: `%` stands for the address inside with a port of ours; whatever reads these otherwise than we do goes there.
AROUND = """
http://% ftp://% file:///etc/passwd file://%/etc/passwd gopher://%/_x dict://%/x ldap://%/ jar:https://%!/ data:,x
javascript:alert(1) ws://% wss://% unix:///run/x.sock //% /% % https:% https:/% https:///% https:\\\\% https://\\%
https://user@% https://user:word@% https://shop.sg@% https://shop.sg:443@% https://shop.sg%40% https://%@shop.sg:1/
https://shop.sg\\@% https://shop.sg#@% https://shop.sg?@%\\ https://%#.shop.sg https://%\\.shop.sg https://%%00.shop.sg
https://shop.sg;@%/ https://shop.sg,%/ https://*.shop.sg/ https://shop.sg:0/ https://shop.sg:22/ https://shop.sg:25/
https://shop.sg:80/ https://shop.sg:5432/ https://shop.sg:6379/ https://shop.sg:8080/ https://shop.sg:65536/
https://shop.sg:-1/ https://shop.sg:+443/ https://shop.sg:0443/ https://shop.sg:443:80/ https://shop.sg:/
https://shop.sg:a/ https:// https://? https://# https://@ https://: HTTPS://% https://%/../x
https://\u0661\u0662\u0667.0.0.1/ https://127\u30020\u30020\u30021/ https://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3/
https://\uff11\uff12\uff17.0.0.1/ https://shop.sg\uff0f% https://shop.sg\uff03@% https://sh\u00f6p.sg/ https://shop\u00ad.sg/
https://shop.sg/\u202e https://[%] https://0x7f.0.0.1:443\\% https://%:443
""".split()
_HIDDEN = ("https://shop.sg/\r\nHost: %", "https://shop.sg/\t", " https://shop.sg/", "https://shop.sg/ x",
           "https://shop.sg\n.%/", "https://%\u2028/", "https://shop.sg/\x00")  # fmt: skip


def run(ground: Ground, seen: Seen) -> None:
    """Spellings, then names and redirects; each once with a sender that does not look."""
    with tempfile.TemporaryDirectory() as folder:
        names = Names()
        certificate = certificate_for(["hooks.attack.example"], Path(folder))
        public = Server(PUBLIC, 0, certificate=certificate)
        canary = Canary(public.port)
        settings = {
            **ground.house.environment("worker"),
            "RECOUP_CALLBACK_NAMESERVERS": names.address,
            "RECOUP_CALLBACK_PORTS": f"443,8443,{public.port}",
            "SSL_CERT_FILE": str(certificate),
            "HTTPS_PROXY": f"http://127.0.0.1:{public.port}",
            "https_proxy": f"http://127.0.0.1:{public.port}",
        }
        settings.pop("RECOUP_CALLBACK_INSIDE", None)
        try:
            _saved(ground, seen, step=5 if ground.is_short else 1)
            with sender(settings=settings) as sound:
                _sent(seen, sound, canary, public.port)
                _names(seen, sound, names, public, canary)
                _redirects(seen, sound, names, public, canary)
            with sender("no_check", settings=settings) as broken:
                broken.say(f"https://2130706433:{public.port}/")
                seen.control(canary.sang, "a sender that does not check at send")
            before = canary.sang
            names.answers["hooks.attack.example"] = [[PUBLIC], ["127.0.0.1"]]
            names.asked.clear()
            with sender("looks_twice", settings=settings) as broken:
                broken.say(f"https://hooks.attack.example:{public.port}/")
                seen.control(canary.sang > before, "a sender that looks a name up again after it was checked")
        finally:
            for one in (names, public, canary):
                one.close()


def forms(port: int) -> Iterator[str]:
    """Every way to write an address inside that we know of."""
    for host in INSIDE:
        yield f"https://{host}:{port}/" if port else f"https://{host}/"
    for form in (*AROUND, *_HIDDEN):
        yield form.replace("%", f"127.0.0.1:{port}" if port else "127.0.0.1", 1)


def _saved(ground: Ground, seen: Seen, *, step: int) -> None:
    """None of them can be saved; what is refused is said, and nothing is kept."""
    key = ground.one.new_key("webhooks:read", "webhooks:write")
    body = {"event_types": ["refund.approved"]}
    for url in list(forms(8443))[::step]:
        answer = ground.call("POST", "/api/v1/webhook-endpoints", key=key, json={**body, "url": url})
        seen.expect(answer.status_code in (400, 422), f"saved {url!r}: {answer.status_code}")
    kept = ground.call("GET", "/api/v1/webhook-endpoints", key=key).json()
    seen.expect(kept == {"data": []}, f"kept: {kept}")
    made = ground.call("POST", "/api/v1/webhook-endpoints", key=key, json={**body, "url": "https://1.1.1.1/"})
    seen.expect(made.status_code == 201, f"a public address is refused too: {made.status_code}")
    path = f"/api/v1/webhook-endpoints/{made.json().get('id')}"
    moved = ground.call("PATCH", path, key=key, json={"url": "https://169.254.169.254/"})
    seen.expect(moved.status_code == 422, f"moved inside: {moved.status_code}")
    ground.call("DELETE", path, key=key)


def _sent(seen: Seen, sound: Sender, canary: Canary, port: int) -> None:
    """As if they had been saved by somebody who writes into the database: nothing connects."""
    for url in forms(port):
        told = sound.say(url)
        seen.expect(told["status"] is None and told["problem"].startswith("refused"), f"sent to {url!r}: {told}")
    seen.expect(canary.sang == 0, f"{canary.sang} connections went inside")


def _names(seen: Seen, sound: Sender, names: Names, public: Server, canary: Canary) -> None:
    """A name is looked up once; the connection goes where it was looked, under the name."""
    name, url = "hooks.attack.example", f"https://hooks.attack.example:{public.port}/in?x=1"
    names.answers[name] = [[PUBLIC], ["127.0.0.1"]]
    told = sound.say(url)
    seen.expect(told["status"] == 200, f"a name that changes after it was looked up: {told}")
    seen.expect(public.came == [(f"{name}:{public.port}", "/in?x=1")], f"Host and path: {public.came}")
    seen.expect(names.asked[name, "A"] == 1, f"looked up {names.asked[name, 'A']} times")
    for words, found in {
        "inside": ["127.0.0.1"],
        "one of two inside": [PUBLIC, "10.0.0.1"],
        "IPv6 loopback": ["::1"],
        "IPv6 beside": [PUBLIC, "::ffff:127.0.0.1"],
        "metadata": ["169.254.169.254"],
        "nothing": [],
    }.items():
        names.answers[name] = [found]
        told = sound.say(url)
        seen.expect(told["status"] is None and told["problem"].startswith("refused"), f"a name that is {words}: {told}")
    names.answers["other.attack.example"] = [[PUBLIC]]
    told = sound.say(f"https://other.attack.example:{public.port}/")
    seen.expect("certificate" in told["problem"], f"a certificate for another name: {told}")
    seen.expect(len(public.came) == 1 and canary.sang == 0, f"{public.came}, {canary.sang} went inside")


def _redirects(seen: Seen, sound: Sender, names: Names, public: Server, canary: Canary) -> None:
    names.answers["hooks.attack.example"] = [[PUBLIC]]
    for where in (f"https://127.0.0.1:{public.port}/", "http://169.254.169.254/", "file:///etc/passwd", "//127.0.0.1/"):
        public.location = where
        told = sound.say(f"https://hooks.attack.example:{public.port}/")
        seen.expect(told["status"] == 307, f"a redirect to {where}: {told}")
    public.location = ""
    seen.expect(canary.sang == 0, "a redirect was followed inside")
