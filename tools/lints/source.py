"""One file of the project as the rules see it: its text, its syntax tree, and where in the house it stands."""

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

PRODUCT = "src/recoup/"
VAULT = "src/recoup_vault/"
SANDBOX = "src/recoup_sandbox/"

#: Packages of `recoup` that are doors or wiring rather than contexts of the business.
DOORS = frozenset({"config", "web", "api", "webhooks"})


@dataclass(frozen=True)
class Source:
    """A file by its path from the project's root (with forward slashes) and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree; only for Python files."""
        return ast.parse(self.text, filename=self.path)

    @cached_property
    def lines(self) -> list[str]:
        """The text line by line; the first line is `lines[0]`."""
        return self.text.splitlines()

    @property
    def is_python(self) -> bool:
        """Python source, which has a tree."""
        return self.path.endswith(".py")

    @property
    def is_product(self) -> bool:
        """Part of what a company installs: the product or its vault, not the practice world, tests or tools."""
        return self.path.startswith((PRODUCT, VAULT))

    @property
    def is_migration(self) -> bool:
        """A Django migration."""
        return self.path.startswith("src/") and "/migrations/" in self.path and self.is_python

    @property
    def package(self) -> str:
        """`refunds` for everything under src/recoup/refunds; empty outside `recoup`."""
        if not self.path.startswith(PRODUCT):
            return ""
        first, _, rest = self.path.removeprefix(PRODUCT).partition("/")
        return first if rest else ""

    @property
    def part(self) -> str:
        """The file's role in its context: `actions`, `models`, `queries`...; for a package, the package's name."""
        if not self.package:
            return ""
        rest = self.path.removeprefix(f"{PRODUCT}{self.package}/")
        return rest.partition("/")[0].removesuffix(".py")

    @property
    def is_context(self) -> bool:
        """In a context of the business: not a door, not wiring, not the kernel."""
        return self.package not in DOORS | {"", "kernel"}

    @property
    def stem(self) -> str:
        """The file's name without folder and ending."""
        return PurePosixPath(self.path).stem


@dataclass(frozen=True, order=True)
class Finding:
    """What is wrong, where, and what to do instead."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


def dotted(node: ast.AST) -> str:
    """`transaction.atomic` for the expression `transaction.atomic`; what is not a plain name becomes `?`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{dotted(node.func)}()"
    return "?"


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> list[Function]:
    """Every function and method, nested ones included."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def public_functions(tree: ast.Module) -> list[Function]:
    """The functions at the top of a module whose names do not start with an underscore."""
    top = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [node for node in top if not node.name.startswith("_")]
