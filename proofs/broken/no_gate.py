"""The web program without its gate: a thread gets a request at once, and waits for the rest of it."""

from __future__ import annotations

import asyncio
import io
from typing import Any

from recoup.config.programs import web_gate
from recoup.config.programs.web_application import application


async def _not_yet(environ: web_gate.Environ, proto: Any, _arrival: Any) -> None:
    length = environ.get("CONTENT_LENGTH")
    if length:
        environ["wsgi.input"] = _Waiting(proto, asyncio.get_running_loop())


class _Waiting(io.RawIOBase):
    def __init__(self, proto: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._proto, self._loop = proto, loop

    def read(self, _size: int = -1) -> bytes:
        return bytes(asyncio.run_coroutine_threadsafe(self._whole(), self._loop).result())

    async def _whole(self) -> bytes:
        return bytes(await self._proto())


web_gate._receive = _not_yet  # noqa: SLF001 - broken on purpose

__all__ = ["application"]
