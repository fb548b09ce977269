"""What a person sees when the house is open: where to go, how to sign in, where to look, how to stop."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from recoup.config import files
from recoup.config.house import DEFAULT_DATA_DIR, PROJECT, House
from recoup.config.running import Running

#: Narrower columns would squeeze their prose into towers of single words.
PROSE_WIDTH_MIN = 14
PADDING = 2


def show(console: Console, house: House, running: Running, *, stop_by: str) -> None:
    """Prints the summary of an open house. Of the demo world it shows whatever `load-demo` wrote into `demo.json`.

    What people copy (addresses, keys) is whole at any width of the terminal.
    """
    facts = {"Recoup": running.public_url}
    demo = files.read_json(house.demo) if running.mode == "demo" else None
    if running.mode == "demo":
        facts |= {"mail, shops": running.town_url, "payment provider": running.provider_url}
    facts |= {
        "database": running.database,
        "data, logs": f"{_short(house.data_dir)}, {_short(house.logs)}",
        "commands": command("recoup", house) + " --help",
    }
    console.print("\n[bold green]Recoup is running[/]\n")
    _show_pairs(console, facts)
    for name, content in (demo or {}).items():
        _show_section(console, name, content)
    console.print(f"\n[dim]{plain(stop_by)}[/]", soft_wrap=True)


def plain(text: str) -> str:
    """The text as it is, whatever brackets it holds."""
    return escape(text)


def command(name: str, house: House) -> str:
    """How the person calls one of our commands for this house, from where they stand."""
    called = _short(PROJECT / "bin" / name)
    return called if house.data_dir == DEFAULT_DATA_DIR else f"{called} --data-dir {_short(house.data_dir)}"


def _show_section(console: Console, name: str, content: Any) -> None:
    """A list of objects is a table where the terminal holds it, an object a list of pairs, anything else a line."""
    console.print(f"\n[bold]{plain(_title(name))}[/]")
    if isinstance(content, list) and content and all(isinstance(entry, dict) for entry in content):
        table = _table(content)
        if table.width_min <= console.width:
            console.print(table.drawn)
        else:
            for entry in content:
                _show_pairs(console, entry)
                console.print()
    else:
        _show_pairs(console, content if isinstance(content, dict) else {"": content})


def _show_pairs(console: Console, pairs: Mapping[str, Any]) -> None:
    """One pair a line. A line that is too long is left to the terminal to break, so that copying it gives all of it."""
    wide = max(map(len, pairs), default=0)
    for name, value in pairs.items():
        console.print(plain(f"  {_title(name):<{wide}}  {_spoken(value)}"), soft_wrap=True)


class _Drawn(NamedTuple):
    """A table, and the narrowest terminal that holds it."""

    drawn: Table
    width_min: int


def _table(entries: list[dict[str, Any]]) -> _Drawn:
    """What people copy has no spaces and stays on one line; prose is folded."""
    table, width_min = Table(box=box.SIMPLE_HEAD, pad_edge=False), 2
    columns = list(dict.fromkeys(key for entry in entries for key in entry))
    for column in columns:
        words = [_title(column), *(_spoken(entry.get(column, "")) for entry in entries)]
        is_copied = not any(" " in told for told in words[1:])
        table.add_column(plain(words[0]), no_wrap=is_copied, overflow="fold")
        longest = max(map(len, words))
        width_min += PADDING + (longest if is_copied else min(longest, PROSE_WIDTH_MIN))
    for entry in entries:
        table.add_row(*(plain(_spoken(entry.get(column, ""))) for column in columns))
    return _Drawn(table, width_min)


def _title(name: str) -> str:
    return str(name).replace("_", " ")


def _spoken(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _short(path: Path) -> str:
    """Relative to where the person stands, when that is shorter."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(str(path)) else str(path)
