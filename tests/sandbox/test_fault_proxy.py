"""The fault proxy does to a line what a test asks, also to connections that are already open."""

import asyncio
import contextlib
import json
import subprocess
import sys
import time

import pytest

from recoup_sandbox import fault_proxy
from recoup_sandbox.fault_proxy import FaultProxy, Trouble
from tests.sandbox.programs import SOURCE


@contextlib.asynccontextmanager
async def _line():
    """An echo server that writes down what reaches it, and the proxy before it."""
    heard = bytearray()

    async def echo(reader, writer):
        with contextlib.suppress(OSError):
            while data := await reader.read(1000):
                heard.extend(data)
                writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with FaultProxy(server.sockets[0].getsockname()[:2]) as proxy:
        yield proxy, heard
    server.close()


async def _say(proxy, data=b"hello"):
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(data)
    return reader, writer


def _scene(scene):
    return lambda: asyncio.run(asyncio.wait_for(scene(), 20))


def test_without_trouble_bytes_pass_both_ways():
    async def scene():
        async with _line() as (proxy, heard):
            reader, writer = await _say(proxy)
            assert await reader.readexactly(5) == b"hello"
            assert bytes(heard) == b"hello"
            writer.write_eof()
            assert await reader.read() == b""
            writer.close()

    _scene(scene)()


def test_a_delay_holds_every_chunk_back():
    async def scene():
        async with _line() as (proxy, _):
            proxy.trouble = Trouble(delay_s=0.2)
            begun = time.monotonic()
            reader, writer = await _say(proxy)
            assert await reader.readexactly(5) == b"hello"
            assert time.monotonic() - begun > 0.39
            writer.close()

    _scene(scene)()


def test_a_black_hole_swallows_and_says_nothing():
    async def scene():
        async with _line() as (proxy, heard):
            proxy.trouble = Trouble(mode="black_hole")
            reader, writer = await _say(proxy)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.2)
            assert not heard
            writer.close()

    _scene(scene)()


def test_half_open_delivers_the_question_and_loses_the_answer():
    async def scene():
        async with _line() as (proxy, heard):
            proxy.trouble = Trouble(mode="half_open")
            reader, writer = await _say(proxy)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.2)
            assert bytes(heard) == b"hello"
            writer.close()

    _scene(scene)()


@pytest.mark.parametrize("mode", ["reset", "refuse"])
def test_a_reset_is_felt_as_one(mode):
    async def scene():
        async with _line() as (proxy, heard):
            proxy.trouble = Trouble(mode=mode)
            reader, writer = await _say(proxy)
            with pytest.raises(ConnectionResetError):
                await reader.readexactly(5)
            assert not heard
            writer.close()

    _scene(scene)()


def test_an_answer_is_cut_after_so_many_bytes():
    async def scene():
        async with _line() as (proxy, heard):
            proxy.trouble = Trouble(cut_after_bytes=3)
            reader, writer = await _say(proxy)
            assert await reader.read() == b"hel"
            assert bytes(heard) == b"hello"
            writer.close()

    _scene(scene)()


def test_a_slow_drip_takes_its_time():
    async def scene():
        async with _line() as (proxy, _):
            proxy.trouble = Trouble(drip_bytes_per_s=50)
            begun = time.monotonic()
            reader, writer = await _say(proxy, b"0123456789")
            assert await reader.readexactly(10) == b"0123456789"
            assert time.monotonic() - begun > 0.17
            writer.close()

    _scene(scene)()


def test_open_connections_can_be_reset_at_any_moment():
    async def scene():
        async with _line() as (proxy, _):
            reader, writer = await _say(proxy)
            await reader.readexactly(5)
            proxy.reset_all()
            with pytest.raises(ConnectionResetError):
                await reader.readexactly(1)
            assert proxy.connections_seen == 1
            writer.close()

    _scene(scene)()


def test_the_control_port_changes_the_trouble():
    async def scene():
        async with _line() as (proxy, _):
            server = await fault_proxy.control(proxy)
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
            said = []
            for line in (b'{"mode": "black_hole"}\n', b'{"mode": "lazy"}\n', b"{}\n"):
                writer.write(line)
                said.append(json.loads(await reader.readline()))
            assert said[0]["mode"] == "black_hole"
            assert "mode is one of" in said[1]["error"]
            assert proxy.trouble == Trouble()
            writer.close()
            server.close()

    _scene(scene)()


def test_it_runs_as_a_program_in_front_of_the_provider(provider):
    command = [sys.executable, "-m", "recoup_sandbox.fault_proxy", provider.url.removeprefix("http://")]
    process = subprocess.Popen(command, env={"PYTHONPATH": str(SOURCE)}, stdout=subprocess.PIPE, text=True)
    try:
        ports = dict(word.split("=") for word in process.stdout.readline().split() if "=" in word)

        async def scene():
            reader, writer = await asyncio.open_connection("127.0.0.1", int(ports["port"]))
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 200 OK")
            writer.close()

        _scene(scene)()
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
