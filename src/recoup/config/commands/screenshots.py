"""`bin/recoup screenshots DIR`: every page as each kind of person sees it, on a phone and on a desktop."""

from __future__ import annotations

import argparse
import html
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from recoup.config.house import House
from recoup.config.picturing import cases
from recoup.config.picturing.browsing import chromium
from recoup.config.picturing.people import Scene, Visitor, visitors
from recoup.config.private_house import PrivateHouse
from recoup.kernel.errors import Invalid

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from recoup.config.picturing.walk import Sight

SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 800}}

#: How wide each is shown on the page of all pictures.
SHOWN_WIDE = {"phone": 300, "desktop": 700}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`screenshots DIR [--only NAME ...]`."""
    names = [visitor.name for visitor in visitors()]
    parser.add_argument("directory", type=Path, metavar="DIR", help="where the pictures go; made when it is not there")
    parser.add_argument("--only", nargs="+", choices=names, metavar="WHO", help=f"only these: {', '.join(names)}")
    parser.add_argument("--dark", action="store_true", help="as people see it who like their screens dark")


def run(arguments: argparse.Namespace, house: House) -> int:  # noqa: ARG001 - the shape of every command
    """0 when all pictures are taken. A private Recoup with the demo world is started for it and is gone afterwards."""
    album = Album(directory=arguments.directory, is_dark=arguments.dark)
    album.open()
    wanted = [visitor for visitor in visitors() if not arguments.only or visitor.name in arguments.only]
    _say("Starting a private Recoup with the demo world...")
    with chromium() as browser, PrivateHouse(load_demo=True) as private:
        _enter(private)
        scene = Scene(house=private)
        cases.file_all(scene)
        for visitor in wanted:
            _visit(browser, scene, visitor, album)
    index = album.close()
    print(f"{len(album.pictures) * len(SIZES)} pictures of {len(album.pictures)} pages. Look at {index}")
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One page, in both sizes."""

    visitor: Visitor
    name: str
    path: str
    title: str


@dataclass(slots=True, kw_only=True)
class Album:
    """The pictures in their directory, and a page that shows them all."""

    directory: Path
    is_dark: bool
    pictures: list[Picture] = field(default_factory=list)

    def open(self) -> None:
        """The directory is there. Raises Invalid when it holds something that is none of ours."""
        self.directory.mkdir(parents=True, exist_ok=True)
        strangers = [each.name for each in self.directory.iterdir() if not _is_ours(each)]
        if strangers:
            raise Invalid(f"{self.directory} holds other things ({strangers[0]}); nothing was done. Name an empty one")
        for each in self.directory.iterdir():
            each.unlink()

    def add(self, page: Page, visitor: Visitor, sight: Sight) -> None:
        """Both pictures of what stands in the browser."""
        name = f"{len(self.pictures) + 1:03}-{visitor.name}-{_slug(sight.path)}"
        for size, viewport in SIZES.items():
            page.set_viewport_size(viewport)  # type: ignore[arg-type] # a dict of the two numbers
            page.screenshot(path=self.directory / f"{name}-{size}.png", full_page=True)
        self.pictures.append(Picture(visitor=visitor, name=name, path=sight.path, title=sight.title))
        _say(f"  {len(self.pictures):3}  {visitor.name:9} {sight.path}  {sight.title}")

    def close(self) -> Path:
        """Where the page is that shows them all."""
        index = self.directory / "index.html"
        index.write_text(_index(self.pictures), encoding="utf-8")
        return index


def _enter(house: PrivateHouse) -> None:
    """This process knows the product's addresses."""
    os.environ.update(house.environment("cli"), DJANGO_SETTINGS_MODULE="recoup.config.settings")
    import django

    django.setup()


def _visit(browser: Browser, scene: Scene, visitor: Visitor, album: Album) -> None:
    from recoup.config.picturing import walk

    context = browser.new_context(
        locale="en-SG",
        timezone_id="Asia/Singapore",
        reduced_motion="reduce",
        color_scheme="dark" if album.is_dark else "light",
        viewport=SIZES["desktop"],  # type: ignore[arg-type] # a dict of the two numbers
    )
    try:
        page = context.new_page()
        visitor.arrive(scene, page, lambda page, name: album.add(page, visitor, walk.seen_now(page)))
        for sight in walk.along_links(
            page, base_url=scene.url, starts=visitor.starts(scene), leaves_out=visitor.leaves_out
        ):
            album.add(page, visitor, sight)
    finally:
        context.close()


def _is_ours(path: Path) -> bool:
    return path.name == "index.html" or re.fullmatch(r"\d{3}-.*-(phone|desktop)\.png", path.name) is not None


def _slug(path: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", path).strip("-")[:60] or "front"


def _index(pictures: list[Picture]) -> str:
    parts, last = [], ""
    for picture in pictures:
        if picture.visitor.name != last:
            last = picture.visitor.name
            parts.append(f"<h2>{html.escape(picture.visitor.title)}</h2>")
        shown = "".join(
            f'<img src="{picture.name}-{size}.png" alt="{size}" loading="lazy" width="{width}">'
            for size, width in SHOWN_WIDE.items()
        )
        words = f"{html.escape(picture.title)} <code>{html.escape(picture.path)}</code>"
        parts.append(f"<figure><figcaption>{words}</figcaption>{shown}</figure>")
    style = "body{font-family:sans-serif;margin:2rem}img{vertical-align:top;border:1px solid #ccc;margin:.5rem}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Every page</title><style>{style}</style>'
        f"<h1>Every page</h1>{''.join(parts)}</html>\n"
    )


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
