"""The vault's log: one JSON object a line on standard error, with ids and codes; never amounts, names or secrets."""

from __future__ import annotations

import json
import sys

from recoup.kernel.clock import now


def say(event: str, *, level: str = "info", **facts: object) -> None:
    """One line in the log."""
    line = {"at": now().isoformat(timespec="milliseconds"), "program": "vault", "level": level}
    print(json.dumps({**line, "event": event, **facts}, default=str), file=sys.stderr, flush=True)  # noqa: T201
