"""How often each page asks the database: `python -m benchmarks.page_queries` with the web program's environment.

Reads [{"path", "cookies"}, ...] as JSON from standard input, writes the list of counts. A program of its own, because
a page is counted inside the process that serves it, as the role that serves it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any


def main() -> int:
    """Ask for each page twice, count the second time: what a process remembers is not what a page costs."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "recoup.config.settings"
    import django

    django.setup()
    counts = [[_count(one["path"], one["cookies"]) for _ in range(2)][1] for one in json.load(sys.stdin)]
    json.dump(counts, sys.stdout)
    return 0


def _count(path: str, cookies: dict[str, str]) -> int:
    from django.db import connection
    from django.test import Client

    asked = 0

    def count(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return execute(*arguments)

    browser = Client(SERVER_NAME="127.0.0.1", REMOTE_ADDR="127.0.0.1")
    browser.cookies.load(cookies)
    with connection.execute_wrapper(count):
        answer = browser.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} was answered with {answer.status_code}")
    return asked


if __name__ == "__main__":
    raise SystemExit(main())
