"""From a name to the one address that is connected to: asked once, and every answer has to be a public one."""

from __future__ import annotations

import dns.exception
import dns.resolver
from django.conf import settings
from django.db import connection

from recoup.callbacks import targets
from recoup.callbacks.targets import Target, UrlRefused
from recoup.kernel import networks

LIFETIME_S = 4.0


class NameSilent(Exception):
    """The names' servers gave no answer; it may be better later."""


def target_of(url: str) -> Target:
    """The parts of the address, as the settings of this house allow them. Raises UrlRefused."""
    return targets.read(url, ports=settings.CALLBACK_PORTS, inside=settings.CALLBACK_INSIDE)


def address_of(target: Target) -> str:
    """Where to connect. A name with any address inside a network is refused whole.

    Raises UrlRefused, NameSilent.
    """
    if connection.in_atomic_block:
        raise RuntimeError("names are never looked up with a transaction open")
    if target.address:
        return target.address
    found = _look_up(target.host)
    if not found:
        raise UrlRefused(f"There is no server called {target.host}")
    for address in found:
        if why := networks.why_inside(address):
            raise UrlRefused(f"{target.host} leads to an address that is not public ({why})")
    return found[0]


def _look_up(host: str) -> list[str]:
    """IPv4 first. Search lists and the file of hosts of this machine have no say."""
    resolver = _resolver()
    found: list[str] = []
    for kind in ("A", "AAAA"):
        try:
            answer = resolver.resolve(f"{host}.", kind, search=False, lifetime=LIFETIME_S, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return []
        except dns.exception.DNSException as problem:
            raise NameSilent(f"no answer about {host} ({type(problem).__name__})") from None
        found += [str(record.address) for record in answer.rrset or ()]
    return found


def _resolver() -> dns.resolver.Resolver:
    if not settings.CALLBACK_NAMESERVERS:
        return dns.resolver.Resolver()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [dns.nameserver.Do53Nameserver(host, port) for host, port in settings.CALLBACK_NAMESERVERS]
    return resolver
