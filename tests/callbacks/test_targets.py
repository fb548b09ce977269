"""Which addresses a company may give, and which of them are looked behind. A-17 has the long list of forms."""

import pytest

from recoup.callbacks import targets
from recoup.callbacks.targets import UrlRefused
from recoup.kernel import networks

PORTS = frozenset({443, 8443})


def read(url, inside=()):
    return targets.read(url, ports=PORTS, inside=inside)


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "authority"),
    [
        ("https://hooks.shop.sg/recoup", "hooks.shop.sg", 443, "/recoup", "hooks.shop.sg"),
        ("https://Hooks.Shop.SG", "hooks.shop.sg", 443, "/", "hooks.shop.sg"),
        ("https://hooks.shop.sg:8443/a?b=c&d=%20", "hooks.shop.sg", 8443, "/a?b=c&d=%20", "hooks.shop.sg:8443"),
        ("https://hooks.shop.sg?key=1", "hooks.shop.sg", 443, "/?key=1", "hooks.shop.sg"),
        ("https://xn--kf-fka.sg/", "xn--kf-fka.sg", 443, "/", "xn--kf-fka.sg"),
        ("https://8.8.8.8/", "8.8.8.8", 443, "/", "8.8.8.8"),
        ("https://[2606:4700::1111]:8443/x", "2606:4700::1111", 8443, "/x", "[2606:4700::1111]:8443"),
    ],
)
def test_a_public_address_is_read_into_its_parts(url, host, port, path, authority):
    target = read(url)

    assert (target.host, target.port, target.path, target.authority) == (host, port, path, authority)
    assert not target.is_inside


@pytest.mark.parametrize(
    "url",
    """
    http://hooks.shop.sg/ ftp://hooks.shop.sg/ https:hooks.shop.sg https:///hooks https://hooks.shop.sg:80/
    https://hooks.shop.sg:0443/ https://hooks.shop.sg:/ https://me@hooks.shop.sg/ https://hooks.shop.sg/#here
    https://hooks.shop.sg\\@127.0.0.1/ https://127.0.0.1/ https://127.1/ https://2130706433/ https://0x7f000001/
    https://0177.0.0.1/ https://010.0.0.1/ https://127.0.0.1./ https://[::1]/ https://[::ffff:8.8.8.8]/
    https://[fe80::1%25eth0]/ https://localhost/ https://shop.local/ https://shop/ https://-a.sg/ https://a..sg/
    https://hooks.shop.sg./ https://shop.sg/%zz https://shop.sg/ä
    """.split(),
)
def test_whatever_is_not_plainly_a_public_address_is_refused(url):
    with pytest.raises(UrlRefused):
        read(url)


@pytest.mark.parametrize("tail", ["\n", " ", "\t", "\0", "\r\nHost: inside", "\N{FULLWIDTH SOLIDUS}"])
def test_what_hides_behind_an_address_is_refused(tail):
    with pytest.raises(UrlRefused):
        read("https://hooks.shop.sg/" + tail)


def test_the_practice_town_is_allowed_by_its_whole_origin_only():
    inside = {"http://127.0.0.1:12112"}

    assert read("http://127.0.0.1:12112/hooks", inside).is_inside
    for url in ("http://127.0.0.1:12113/", "http://127.0.0.1/", "https://127.0.0.1:12112/", "http://127.1:12112/"):
        with pytest.raises(UrlRefused):
            read(url, inside)


@pytest.mark.parametrize(
    "address",
    """
    0.0.0.0 10.1.2.3 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254 172.16.0.1
    172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1
    239.255.255.250 240.0.0.1 255.255.255.255 :: ::1 ::ffff:8.8.8.8 ::8.8.8.8 64:ff9b::8.8.8.8 64:ff9b:1::1 100::1
    2001::1 2001:db8::1 2002:7f00:1::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1
    2606:4700::5efe:10.0.0.1 2606:4700::200:5efe:10.0.0.1 fe80::1%eth0 nonsense
    """.split(),
)
def test_addresses_inside_somebodys_network_are_known(address):
    assert networks.why_inside(address)


@pytest.mark.parametrize(
    "address", "1.1.1.1 8.8.8.8 172.15.0.1 172.32.0.1 100.128.0.1 2606:4700::1111 2a00:1450::1".split()
)
def test_public_ones_are_let_pass(address):
    assert networks.why_inside(address) == ""


def test_python_knows_of_no_address_inside_that_we_let_pass():
    """Every network that Python's own tables call private, reserved or multicast begins with an address we refuse."""
    from ipaddress import _IPv4Constants, _IPv6Constants

    for constants in (_IPv4Constants, _IPv6Constants):
        for network in constants._private_networks:
            if network.prefixlen < (32 if network.version == 4 else 128):
                assert networks.why_inside(str(network[1])), network
