"""What a person sees when the house is open: where to go, how to sign in, where to look, how to stop."""

import os
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from recoup.config import files
from recoup.config.house import DEFAULT_DATA_DIR, PROJECT, House
from recoup.config.running import Running


def of(house: House, running: Running, *, stop_by: str) -> RenderableType:
    """The summary of an open house. Of the demo world it shows whatever `load-demo` wrote into `demo.json`."""
    facts = Table.grid(padding=(0, 2))
    facts.add_row("Recoup", f"[bold link={running.public_url}]{plain(running.public_url)}[/]")
    demo = files.read_json(house.demo) if running.mode == "demo" else None
    if running.mode == "demo":
        facts.add_row("mail, shops", plain(running.town_url))
        facts.add_row("payment provider", plain(running.provider_url))
    facts.add_row("database", plain(running.database))
    facts.add_row("data, logs", f"{plain(_short(house.data_dir))}, {plain(_short(house.logs))}")
    facts.add_row("commands", plain(command("recoup", house)) + " --help")
    parts: list[RenderableType] = [facts, *(_section(name, content) for name, content in (demo or {}).items())]
    parts += ["", Text(stop_by, style="dim")]
    return Panel(Group(*parts), title="[bold green]Recoup is running", box=box.ROUNDED, expand=False, padding=(1, 2))


def plain(text: str) -> str:
    """The text as it is, whatever brackets it holds."""
    return escape(text)


def command(name: str, house: House) -> str:
    """How the person calls one of our commands for this house, from where they stand."""
    called = _short(PROJECT / "bin" / name)
    return called if house.data_dir == DEFAULT_DATA_DIR else f"{called} --data-dir {_short(house.data_dir)}"


def _section(name: str, content: Any) -> RenderableType:
    """A list of objects becomes a table, an object a list of pairs, anything else a line."""
    title = plain(name.replace("_", " "))
    if isinstance(content, list) and content and all(isinstance(entry, dict) for entry in content):
        return Group("", f"[bold]{title}[/]", _table(content))
    pairs = Table.grid(padding=(0, 2))
    entries = content.items() if isinstance(content, dict) else [("", content)]
    for key, value in entries:
        pairs.add_row(plain(str(key).replace("_", " ")), plain(_spoken(value)))
    return Group("", f"[bold]{title}[/]", pairs)


def _table(entries: list[dict[str, Any]]) -> Table:
    columns = list(dict.fromkeys(key for entry in entries for key in entry))
    table = Table(*(plain(column.replace("_", " ")) for column in columns), box=box.SIMPLE_HEAD, pad_edge=False)
    for entry in entries:
        table.add_row(*(plain(_spoken(entry.get(column, ""))) for column in columns))
    return table


def _spoken(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _short(path: Path) -> str:
    """Relative to where the person stands, when that is shorter."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(str(path)) else str(path)
