"""Every crash point in the code, read from the code."""

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src"


def all_names() -> set[str]:
    """The names that `crashpoint("...")` is called with anywhere in src."""
    names: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "crashpoint":
                argument = node.args[0]
                assert isinstance(argument, ast.Constant), f"{path}: a crash point's name is a constant"
                names.add(str(argument.value))
    return names


def program_of(name: str) -> str:
    """Which program passes the point."""
    kind = name.partition("_")[0]
    return kind if kind in ("vault", "web") else "worker"
