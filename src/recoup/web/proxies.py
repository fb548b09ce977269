"""Whose request it really is, when proxies of ours stand in between (`RECOUP_TRUSTED_PROXIES`).

Anybody may write X-Forwarded-For. It is believed only when it comes from a proxy that the setting names, and read from
its end: the last address that is not such a proxy is the client. Without the setting the socket's address counts.
"""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

Network = IPv4Network | IPv6Network
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")


def look_behind(meta: dict[str, Any]) -> None:
    """`REMOTE_ADDR` is the client's afterwards, and nobody further in sees what was only claimed.

    Takes a request's WSGI environment. Done twice, it is as done once.
    """
    if settings.TRUSTED_PROXIES and _is_trusted(meta.get("REMOTE_ADDR", "")):
        meta["REMOTE_ADDR"] = _client(meta.get("HTTP_X_FORWARDED_FOR", ""), nearest=meta["REMOTE_ADDR"])
        if meta.get("HTTP_X_FORWARDED_PROTO") in ("http", "https"):
            meta["wsgi.url_scheme"] = meta["HTTP_X_FORWARDED_PROTO"]
    for name in _FORWARDED:
        meta.pop(name, None)


def _client(forwarded: str, *, nearest: str) -> str:
    for told in reversed(forwarded.split(",")):
        address = told.strip()
        if not _is_address(address):
            return nearest
        nearest = address
        if not _is_trusted(address):
            return address
    return nearest


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in trusted(settings.TRUSTED_PROXIES))


@cache
def trusted(setting: str) -> tuple[Network, ...]:
    """The networks that the setting names, separated by commas. Raises ImproperlyConfigured."""
    try:
        return tuple(ip_network(part.strip()) for part in setting.split(",") if part.strip())
    except ValueError as mistake:
        raise ImproperlyConfigured(f"RECOUP_TRUSTED_PROXIES: {mistake}") from None
