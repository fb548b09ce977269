"""Which addresses of the Internet are somebody else's public server, and which are inside somebody's network.

From IANA's registries of special-purpose addresses (RFC 6890 and its updates), and one that a cloud keeps for itself.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

#: All of these are refused. The words are for whoever asked.
_REFUSED_4: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(network), words)
    for network, words in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a carrier"),
        ("127.0.0.0/8", "this machine"),
        ("168.63.129.16/32", "the platform of a cloud"),
        ("169.254.0.0/16", "link-local, where clouds keep their metadata"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "kept for protocols"),
        ("192.0.2.0/24", "for documentation"),
        ("192.31.196.0/24", "kept for protocols"),
        ("192.52.193.0/24", "kept for protocols"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "kept for protocols"),
        ("198.18.0.0/15", "for measurements"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
#: Everything but this is loopback, private, link-local, multicast, or wraps an IPv4 address (mapped, NAT64).
_PUBLIC_6 = IPv6Network("2000::/3")
_REFUSED_6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(network), words)
    for network, words in (
        ("2001::/23", "kept for protocols (Teredo and others)"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "6to4, which wraps another address"),
        ("2620:4f:8000::/48", "kept for protocols"),
        ("3fff::/20", "for documentation"),
    )
)
#: ISATAP wraps an IPv4 address in the last half of an address (RFC 5214): ...:0:5efe:a.b.c.d, ...:200:5efe:a.b.c.d.
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})


def why_inside(address: str) -> str:
    """Empty for the address of a public server; otherwise in words what kind of address it is."""
    try:
        found = ip_address(address)
    except ValueError:
        return "no address"
    return _why_inside_4(found) if isinstance(found, IPv4Address) else _why_inside_6(found)


def _why_inside_4(address: IPv4Address) -> str:
    return next((words for network, words in _REFUSED_4 if address in network), "")


def _why_inside_6(address: IPv6Address) -> str:
    if address.scope_id is not None or address not in _PUBLIC_6:
        return "not a public address"
    if (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP:
        return "ISATAP, which wraps another address"
    return next((words for network, words in _REFUSED_6 if address in network), "")
