"""What holds for every test: no address beyond loopback, and each test knows which kind it is.

Fixtures of one area live beside its tests; fixtures that many areas need are plugins, named in `pytest_plugins`.
"""

import sys
from pathlib import Path

import pytest

#: Plugins that many areas share. `tests.database` gives databases, `tests.shop` the people and orders of the tests.
pytest_plugins = [
    name
    for name in ("tests.database",)
    if (Path(__file__).parent / f"{name.removeprefix('tests.').replace('.', '/')}.py").exists()
]

#: Folder -> the marker that all its tests carry.
MARKED_FOLDERS = {
    "house": ("slow",),
    "journeys": ("journey", "slow"),
    "docs": ("docs", "slow"),
    "migrations": ("migrations", "slow"),
    "proofs": ("proof", "slow"),
}
HERE = Path(__file__).parent
ON_THIS_MACHINE = ("127.", "::1", "::ffff:127.", "localhost")
_open_to_network = False


class SocketClosed(Exception):
    """A test reached for an address beyond this machine. Use the fake beside the real thing, or a local server."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(HERE).parts[0] if item.path.is_relative_to(HERE) else ""
        for marker in MARKED_FOLDERS.get(folder, ()):
            item.add_marker(marker)


@pytest.fixture(autouse=True)
def _network_as_marked(request: pytest.FixtureRequest):
    global _open_to_network  # noqa: PLW0603 - an audit hook cannot be taken off, only told
    _open_to_network = request.node.get_closest_marker("network") is not None
    yield
    _open_to_network = False


def _keep_on_this_machine(event: str, arguments: tuple) -> None:
    """Every socket that Python opens in this process passes here, whichever library asked for it."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in {"socket.connect", "socket.sendto"} and isinstance(arguments[1], tuple):  # else: a socket file
        host = arguments[1][0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host and not host.startswith(ON_THIS_MACHINE) and not _open_to_network:
        raise SocketClosed(f"{event} to {host}")


sys.addaudithook(_keep_on_this_machine)
