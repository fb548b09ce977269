"""Reading the address that a company wants to be told at. Strict: one spelling, no parser to be led astray.

Whatever is not plainly `https://name:port/path?query` is refused; nothing is repaired. The parts read here are the
parts connected to, so there is no second parser that could understand the address otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from recoup.kernel import networks
from recoup.kernel.errors import Refusal

LENGTH_MAX = 2000
_PATH = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})"
_URL = re.compile(
    rf"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-]+)(?::(?P<port>[1-9][0-9]{{0,4}}))?"
    rf"(?P<path>(?:/{_PATH}*)?)(?P<query>(?:\?(?:{_PATH}|\?)*)?)",
    re.ASCII,
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_LAST_LABEL = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)
#: Names that no server on the Internet has (RFC 6761, RFC 6762, RFC 8375, RFC 9476, and what offices use).
_INSIDE_NAMES = frozenset(
    "localhost local localdomain internal intranet lan home corp private arpa onion alt invalid".split()
)


class UrlRefused(Refusal):
    """We do not send anything there."""

    code = "url_refused"
    status = 422
    title = "Webhooks cannot be sent to that address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to connect and what to ask for. `address` is the host when it is written as one, else empty.

    `is_inside`: an address of the practice town, allowed by name in the settings.
    """

    scheme: str
    host: str
    port: int
    path: str
    address: str
    is_inside: bool

    @property
    def authority(self) -> str:
        """What the header Host says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


def read(url: str, *, ports: Collection[int], inside: Collection[str]) -> Target:
    """The parts of the address. `inside`: origins (`http://127.0.0.1:12112`) that are allowed although they are not
    public. Raises UrlRefused, which says what to change.
    """
    if len(url) > LENGTH_MAX:
        raise UrlRefused(f"The address is longer than {LENGTH_MAX} characters")
    found = _URL.fullmatch(url)
    if found is None:
        raise UrlRefused(
            "Write it as https://name/path, in plain characters: no user name, no #, no spaces; other letters "
            "percent-encoded, an international name as xn--..."
        )
    scheme, host = found["scheme"], found["host"].lower().strip("[]")
    port = int(found["port"] or {"https": 443, "http": 80}[scheme])
    path = (found["path"] or "/") + found["query"]
    if f"{scheme}://{found['host'].lower()}:{port}" in inside:
        return Target(scheme=scheme, host=host, port=port, path=path, address=host, is_inside=True)
    if scheme != "https":
        raise UrlRefused("The address must begin with https://")
    if port not in ports:
        raise UrlRefused(f"The port must be one of {', '.join(map(str, sorted(ports)))}")
    address = _address_in(found["host"])
    if address:
        _must_be_public(address)
    else:
        _must_be_a_name(host)
    return Target(scheme=scheme, host=host, port=port, path=path, address=address, is_inside=False)


def _address_in(host: str) -> str:
    """The host in its usual spelling when it is an address; empty for a name. Other spellings are refused."""
    try:
        if host.startswith("["):
            return str(IPv6Address(host[1:-1]))
        if not _LAST_LABEL.fullmatch(host.lower().rpartition(".")[2]):
            return str(IPv4Address(host))
    except (AddressValueError, ValueError):
        raise UrlRefused("That is no host name and no address that we can read") from None
    return ""


def _must_be_public(address: str) -> None:
    if why := networks.why_inside(address):
        raise UrlRefused(f"{address} is not the address of a public server ({why})")


def _must_be_a_name(host: str) -> None:
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise UrlRefused("That is no host name")
    if len(labels) < 2 or labels[-1] in _INSIDE_NAMES:
        raise UrlRefused(f"{host} is a name inside a network, not one of the Internet")
