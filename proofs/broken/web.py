"""The web program, serving one of the broken applications beside this file: `python -m proofs.broken.web sum_check`."""

from __future__ import annotations

import sys

import granian
from granian.server import Server

from recoup.config.programs import web


class _BrokenServer:
    """Stands where the real server is made, and makes it with another application."""

    def __init__(self, target: str) -> None:
        self._target = target

    def __call__(self, target: str, **settings: object) -> Server:
        return Server(self._target, **settings)


if __name__ == "__main__":
    granian.Granian = _BrokenServer(f"proofs.broken.{sys.argv[1]}:application")
    web.main()
