"""The nginx that docs/limits.md shows, as it stands there, in front of the real web program."""

import os
import re
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest
import requests

from tools import nginx

PAGE = Path(__file__).resolve().parents[2] / "docs" / "limits.md"
NAME = "refunds.example.com"
MADE = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=refunds.example.com -keyout {} -out {}"
AROUND = """\
{user}
daemon off;
pid {folder}/pid;
error_log {folder}/errors.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/proxied;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{shown}
}}
"""
#: What root starts goes on as somebody who may not write where tests do.
_USER = "user root;" if os.geteuid() == 0 else ""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Unverified HTTPS request"),
    pytest.mark.skipif(nginx.find() is None, reason="there is no nginx on this machine (see tools/nginx.py)"),
]


def shown():
    """The example of the page."""
    return re.search(r"```text\n(limit_conn_zone .*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    """Its port. Behind it, a web that takes 127.0.0.1 for its proxy, and gives an address five pages a minute."""
    from recoup.config.ports import free_port
    from recoup.config.private_house import PrivateHouse

    settings = {
        "RECOUP_PUBLIC_URL": f"https://{NAME}",
        "RECOUP_ALLOWED_HOSTS": NAME,
        "RECOUP_TRUSTED_PROXIES": "127.0.0.1/32",
        "RECOUP_LIMITS": "pages.address=5/86400",
    }
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    subprocess.run(MADE.format(folder / "key", folder / "certificate").split(), check=True, capture_output=True)
    with PrivateHouse(programs=("web",), program_settings={"web": settings}) as house:
        put = {
            "listen 443": f"listen 127.0.0.1:{port}",
            "/etc/ssl/refunds.pem": f"{folder}/certificate",
            "/etc/ssl/refunds.key": f"{folder}/key",
            "http://127.0.0.1:8000": house.running.web_url,
        }
        example = shown()
        for word, ours in put.items():
            assert example.count(word) == 1, word
            example = example.replace(word, ours)
        (folder / "conf").write_text(AROUND.format(folder=folder, shown=example, user=_USER))
        with subprocess.Popen(
            [nginx.find(), "-p", folder, "-c", folder / "conf"], stderr=subprocess.DEVNULL
        ) as program:
            try:
                _wait_for(port, folder)
                yield port
            finally:
                program.terminate()
                program.wait(20)


def _wait_for(port, folder):
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < until, (folder / "errors.log").read_text()
            time.sleep(0.1)
        else:
            return


def get(port, path, *, source, **headers):
    """One page through the proxy, asked for from that address of this machine."""
    from tests.house.from_address import From

    with requests.Session() as session:
        session.mount("https://", From(source))
        return session.get(
            f"https://127.0.0.1:{port}{path}", headers={"Host": NAME, **headers}, verify=False, timeout=30,
            allow_redirects=False,
        )  # fmt: skip


def line(port):
    """A TLS connection that somebody may be slow on."""
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    return trust.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=60))


def test_a_page_comes_with_hsts_and_locked_cookies(proxy):
    page = get(proxy, "/account/login/", source="127.0.91.1")

    assert page.status_code == 200
    assert "max-age=" in page.headers["Strict-Transport-Security"]
    cookies = page.raw.headers.getlist("Set-Cookie")
    assert cookies
    assert all("Secure" in cookie for cookie in cookies), cookies
    assert "nginx/" not in page.headers.get("Server", ""), "its version is nobody's business"


def test_an_address_is_counted_for_itself_whatever_it_claims(proxy):
    claimed = [get(proxy, "/", source="127.0.91.2", **{"X-Forwarded-For": f"198.51.100.{n}"}) for n in range(8)]

    assert [page.status_code for page in claimed] == [200] * 5 + [429] * 3
    assert get(proxy, "/", source="127.0.91.3").status_code == 200


def test_a_body_that_nobody_reads_is_refused_before_it_comes(proxy):
    with line(proxy) as sender:
        sender.sendall(f"POST /cases HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 63000000\r\n\r\n".encode())
        assert sender.recv(4096).startswith(b"HTTP/1.1 413")


def test_photos_come_through(proxy):
    with line(proxy) as sender:
        body = b"x" * 5_000_000
        head = (
            f"POST /api/v1/orders HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: application/json\r\nConnection: close\r\n"
        )
        sender.sendall(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        assert b"body_too_large" in _all_of(sender), "Recoup itself says what is too large for it"


def _all_of(sender):
    told = bytearray()
    while piece := sender.recv(65_536):
        told += piece
    return bytes(told)


def test_whoever_never_ends_their_headers_is_let_go_and_others_are_served_meanwhile(proxy):
    with line(proxy) as sender:
        sender.sendall(b"GET / HTTP/1.1\r\nHost: ")
        assert get(proxy, "/healthz", source="127.0.91.4").status_code == 200
        began = time.monotonic()
        assert b"200" not in _all_of(sender)
        assert time.monotonic() - began < 40
