"""A TCP proxy for trouble: put it in front of the provider, the database or a webhook receiver, then break the line.

From Python: `async with FaultProxy(target=("127.0.0.1", 5432)) as proxy: proxy.trouble = Trouble(delay_s=1)`.
From outside: `python -m recoup_sandbox.fault_proxy 127.0.0.1:5432 --port 0 --control 0`, then one JSON object per line
to the control port: `{"mode": "black_hole"}`, `{"cut_after_bytes": 100}`, `{"reset_all": true}`; `{}`: all is well.
"""

import argparse
import asyncio
import contextlib
import json
import socket
import struct
from dataclasses import asdict, dataclass, field
from typing import Any

MODES = ("pass", "black_hole", "half_open", "reset", "refuse")
CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What the line does. Changes reach open connections too.

    `black_hole`: takes everything, passes nothing on in either direction. `half_open`: passes questions on, swallows
    answers. `reset`: RST as soon as bytes arrive. `refuse`: RST on connecting. Otherwise bytes pass, each chunk late by
    `delay_s`, at most `drip_bytes_per_s`, until `cut_after_bytes` of the answer went through: then both ends close.
    """

    mode: str = "pass"
    delay_s: float = 0.0
    drip_bytes_per_s: int | None = None
    cut_after_bytes: int | None = None

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"mode is one of {', '.join(MODES)}")


@dataclass(slots=True)
class FaultProxy:
    """Listens on loopback and forwards to `target`."""

    target: tuple[str, int]
    port: int = 0
    trouble: Trouble = field(default_factory=Trouble)
    connections_seen: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    async def __aenter__(self) -> "FaultProxy":
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def reset_all(self) -> None:
        """RST on every open connection, now."""
        for writer in list(self._open):
            _reset(writer)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections_seen += 1
        writers = [writer]
        try:
            if self.trouble.mode == "refuse":
                _reset(writer)
                return
            far_reader, far_writer = await asyncio.open_connection(*self.target)
            writers.append(far_writer)
            self._open.update(writers)
            await asyncio.gather(
                self._carry(reader, far_writer, is_answer=False), self._carry(far_reader, writer, is_answer=True)
            )
        except (OSError, asyncio.CancelledError, _LineCut):
            pass
        finally:
            for one in writers:
                self._open.discard(one)
                one.close()
            self._tasks.discard(task)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool) -> None:
        carried = 0
        while data := await reader.read(CHUNK):
            trouble = self.trouble
            if trouble.delay_s:
                await asyncio.sleep(trouble.delay_s)
            if trouble.mode == "reset":
                self.reset_all()
                raise _LineCut
            if trouble.mode == "black_hole" or (trouble.mode == "half_open" and is_answer):
                continue
            is_cut = (
                is_answer and trouble.cut_after_bytes is not None and carried + len(data) >= trouble.cut_after_bytes
            )
            if is_cut:
                data = data[: max(0, (trouble.cut_after_bytes or 0) - carried)]
            await self._write(writer, data, trouble.drip_bytes_per_s)
            carried += len(data)
            if is_cut:
                raise _LineCut
        with contextlib.suppress(OSError):
            writer.write_eof()

    async def _write(self, writer: asyncio.StreamWriter, data: bytes, bytes_per_s: int | None) -> None:
        for start in range(0, len(data), 1) if bytes_per_s else ():
            writer.write(data[start : start + 1])
            await writer.drain()
            await asyncio.sleep(1 / bytes_per_s if bytes_per_s else 0)
        if not bytes_per_s:
            writer.write(data)
            await writer.drain()


class _LineCut(Exception):
    """The script ends this connection."""


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of a polite FIN."""
    connection = writer.get_extra_info("socket")
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def control(proxy: FaultProxy, *, port: int = 0) -> asyncio.Server:
    """A control port on loopback: a line of JSON in, the trouble that is now in force out."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            try:
                told = json.loads(line)
                if told.pop("reset_all", False):
                    proxy.reset_all()
                proxy.trouble = Trouble(**told)
                said = {**asdict(proxy.trouble), "connections_seen": proxy.connections_seen}
            except (ValueError, TypeError, AttributeError) as error:
                said = {"error": str(error)}
            writer.write(json.dumps(said).encode() + b"\n")
            await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", port)


async def _run(target: str, port: int, control_port: int) -> None:
    host, _, number = target.rpartition(":")
    async with FaultProxy((host, int(number)), port) as proxy:
        server = await control(proxy, port=control_port)
        print(f"fault proxy ready port={proxy.port} control={server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("target")
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--control", type=int, default=0)
    chosen = arguments.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(chosen.target, chosen.port, chosen.control))
