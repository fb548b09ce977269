"""A walk along the links of the pages, as one person: every kind of page once, and no address that changes anything."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

from recoup.web.routes import Kind, kind_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: A walk that finds no end has lost its way.
PAGES_MAX = 150
_LINKS = "() => [...document.querySelectorAll('a[href]:not([download])')].map(link => link.href)"
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A page that stands in the browser now. `route` as the URL configuration has it."""

    route: str
    path: str
    title: str
    status: int


def along_links(
    page: Page, *, base_url: str, starts: tuple[str, ...], leaves_out: tuple[str, ...] = ()
) -> Iterator[Sight]:
    """Each start, and then one page of every kind that links lead to. A kind: the route, with verbs in its words.

    Nobody goes where an address begins with one of `leaves_out`.

    Raises RuntimeError when there are more than `PAGES_MAX`.
    """
    waiting = deque(starts)
    queued, seen, count = set(starts), set[str](), 0
    while waiting:
        path = waiting.popleft()
        kind = kind_at(path)
        if kind is None or (kind in seen and path not in starts):
            continue
        seen.add(kind)
        sight = _look(page, base_url + path)
        if sight is None or (sight.path != urlsplit(path).path and kind_at(sight.path) in seen):
            continue
        count += 1
        if count > PAGES_MAX:
            raise RuntimeError(f"more than {PAGES_MAX} pages; the last one was {path}")
        seen.add(kind_at(sight.path) or kind)
        yield sight
        for link in page.evaluate(_LINKS):
            there = _path_of(link, base_url)
            if there is not None and there not in queued and not there.startswith(leaves_out):
                queued.add(there)
                waiting.append(there)


def seen_now(page: Page, *, status: int = 200) -> Sight:
    """The page that stands in the browser, wherever it came from."""
    path = urlsplit(page.url).path
    return Sight(route=route_of(path) or path, path=path, title=page.title(), status=status)


def route_of(path: str) -> str | None:
    """The route that an address belongs to; None when it is none of the pages'."""
    if kind_of(path) is not Kind.PAGE:
        return None
    try:
        return f"/{str(resolve(path).route).lstrip('^/')}"
    except Resolver404:
        return None


def kind_at(path: str) -> str | None:
    """Two addresses of the same kind show the same page about different things."""
    bare = urlsplit(path).path
    route = route_of(bare)
    if route is None:
        return None
    verbs = [word for name, word in resolve(bare).kwargs.items() if name != "slug" and _WORD.fullmatch(str(word))]
    return " ".join([route, *verbs])


def _look(page: Page, address: str) -> Sight | None:
    """None for what is no page: a photo, a file to keep."""
    from playwright.sync_api import Error

    try:
        answer = page.goto(address, wait_until="load")
    except Error as problem:
        if "Download is starting" in str(problem) or "ERR_ABORTED" in str(problem):
            return None
        raise
    if answer is None or not answer.headers.get("content-type", "").startswith("text/html"):
        return None
    return seen_now(page, status=answer.status)


def _path_of(link: str, base_url: str) -> str | None:
    parts = urlsplit(link)
    if f"{parts.scheme}://{parts.netloc}" != base_url:
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")
