"""Sockets other than loopback are closed in tests, whichever library opens them."""

import asyncio
import socket
import urllib.request

import pytest

from tests.conftest import SocketClosed

ELSEWHERE = "192.0.2.1"  # RFC 5737: an address for documentation, nobody's


def test_a_socket_to_elsewhere_is_closed():
    with socket.socket() as probe, pytest.raises(SocketClosed):
        probe.connect((ELSEWHERE, 80))


def test_names_of_elsewhere_are_not_looked_up():
    with pytest.raises(SocketClosed):
        urllib.request.urlopen("http://recoup.example/", timeout=1)


def test_asyncio_is_closed_too():
    with pytest.raises(SocketClosed):
        asyncio.run(asyncio.open_connection(ELSEWHERE, 80))


def test_loopback_is_open():
    server = socket.create_server(("127.0.0.1", 0))
    with server, socket.create_connection(("localhost", server.getsockname()[1]), timeout=5) as client:
        assert client.getpeername()[0].startswith("127.")


@pytest.mark.network
def test_a_marked_test_may_reach_out():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((ELSEWHERE, 9))  # a datagram socket: nothing is sent
