"""Where transactions begin, and that nobody waits for the world inside one."""

import ast
import re
from collections.abc import Iterator

from tools.lints.source import Finding, Function, Source, dotted, functions

OPENED = "transaction-in-action"
NETWORK = "network-in-transaction"
RULES = (OPENED, NETWORK)

#: A call whose last name is one of these opens a transaction.
OPENERS = re.compile(
    r"(^|\.)(atomic|transaction|durable|in_transaction|action|action_for_every_merchant|every_merchant)(\(\))?$"
)
#: Parts of a context that may open one. Tenancy opens it on the actions' behalf.
MAY_OPEN = frozenset({"actions"})
TENANCY = "src/recoup/access/"
#: The world beyond this process, by the first name of the call.
WORLD = frozenset(
    {
        "requests",
        "httpx",
        "urllib",
        "aiohttp",
        "stripe",
        "smtplib",
        "socket",
        "http",
        "gateways",
        "send_mail",
        "urlopen",
    }
)
WAITS = frozenset({"time.sleep", "sleep"})


def check(source: Source) -> Iterator[Finding]:
    """Transactions opened outside actions; network calls and sleeps inside a transaction."""
    if not source.is_product or source.is_migration:
        return
    if source.is_context and source.part not in MAY_OPEN and not source.path.startswith(TENANCY):
        for node in _openings(source.tree):
            message = (
                "only an action opens a transaction: move this into actions/, or assert one is open (transactional)"
            )
            yield Finding(source.path, node.lineno, OPENED, message)
    for body in _inside(source.tree):
        yield from _waits(source, body)


def _openings(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.With | ast.AsyncWith):
            yield from (item.context_expr for item in node.items if _opens(item.context_expr))
        elif isinstance(node, Function):
            yield from (decorator for decorator in node.decorator_list if _opens(decorator))


def _opens(expression: ast.expr) -> bool:
    name = dotted(expression)
    return bool(OPENERS.search(name))


def _inside(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """The statements that run with a transaction open, as far as one file can tell."""
    for function in functions(tree):
        if any(_opens(decorator) for decorator in function.decorator_list):
            yield function.body
    for node in ast.walk(tree):
        if isinstance(node, ast.With | ast.AsyncWith) and any(_opens(item.context_expr) for item in node.items):
            yield node.body


def _waits(source: Source, body: list[ast.stmt]) -> Iterator[Finding]:
    for statement in body:
        for node in ast.walk(statement):
            if not isinstance(node, ast.Call):
                continue
            name = dotted(node.func)
            if name.partition(".")[0].removesuffix("()") in WORLD or name in WAITS:
                message = f"`{name}` waits with a transaction open: write the intent, commit, call, write the answer"
                yield Finding(source.path, node.lineno, NETWORK, message)
