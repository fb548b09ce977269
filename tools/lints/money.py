"""No float near money: binary fractions cannot hold a cent, and one rounded refund is one wrong refund.

A float may be there when its name says that it is not money: a duration, a deadline, a share, a score. So the way to
satisfy this rule is usually to name the thing for its unit (`timeout_s`, `risk_score`).
"""

import ast
import re
from collections.abc import Iterator

from tools.lints.source import Finding, Function, Source, dotted

RULE = "float-near-money"
RULES = (RULE,)
NEAR_MONEY = tuple(
    f"src/{place}/"
    for place in (
        "recoup/kernel",
        "recoup/ledger",
        "recoup/orders",
        "recoup/payments",
        "recoup/refunds",
        "recoup_vault",
    )
)
INSTEAD = "money is integer minor units (or Decimal while parsing); name a duration, share or score for its unit"

#: Timekeeping of the kernel, where no amount ever passes.
FAR_FROM_MONEY = frozenset(f"src/recoup/kernel/{name}.py" for name in ("clock", "crashpoints", "heartbeat"))

#: Names that say: this is a time, a share or a measure, not money.
MEASURE = re.compile(
    r"(^|_)(s|ms|seconds|minutes|hours|days|timeout|interval|delay|age|sleep|wait|monotonic|elapsed"
    r"|share|ratio|per_s|probability|score|weight|similarity|distance)(_max|_min)?$|(^|_)seconds_",
    re.IGNORECASE,
)
PATHS = re.compile(r"(^|_)(dir|directory|folder|path|root|home|parent|file|BASE|HERE|cwd\(\)|Path\(\))(s)?$")


def check(source: Source) -> Iterator[Finding]:
    """Float literals, the name `float` and true division, in the packages that carry money."""
    if not source.path.startswith(NEAR_MONEY) or source.path in FAR_FROM_MONEY or source.is_migration:
        return
    measured = _measured(source.tree)
    for node in ast.walk(source.tree):
        if id(node) in measured:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield Finding(source.path, node.lineno, RULE, f"the float {node.value}: {INSTEAD}")
        elif isinstance(node, ast.Name) and node.id == "float":
            yield Finding(source.path, node.lineno, RULE, f"`float`: {INSTEAD}")
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div) and not _joins_paths(node):
            yield Finding(
                source.path, node.lineno, RULE, f"`/` makes a float: use //, divmod or Money.split; {INSTEAD}"
            )


def _measured(tree: ast.Module) -> set[int]:
    """Everything that stands under a name which says that it is a measure."""
    roots: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg and MEASURE.search(node.arg):
            roots.append(node.value)
        elif isinstance(node, ast.Assign) and all(MEASURE.search(dotted(target)) for target in node.targets):
            roots.append(node.value)
        elif isinstance(node, ast.AnnAssign) and MEASURE.search(dotted(node.target)):
            roots.append(node)
        elif isinstance(node, ast.arg) and MEASURE.search(node.arg) and node.annotation:
            roots.append(node.annotation)
        elif isinstance(node, ast.Call) and MEASURE.search(dotted(node.func).rpartition(".")[2]):
            roots.append(node)
        elif isinstance(node, Function):
            roots.extend(_measured_in_signature(node))
    return {id(inner) for root in roots for inner in ast.walk(root)}


def _measured_in_signature(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    if MEASURE.search(function.name) and function.returns:
        yield function.returns
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    named = list(zip(reversed(positional), reversed(arguments.defaults), strict=False))
    named += [
        (name, default) for name, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default
    ]
    for name, default in named:
        if MEASURE.search(name.arg):
            yield default


def _joins_paths(node: ast.BinOp | ast.AugAssign) -> bool:
    """`directory / "name"` is no division."""
    sides = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.target, node.value]
    return any(_looks_like_path(side) for side in sides)


def _looks_like_path(side: ast.AST) -> bool:
    if isinstance(side, ast.Constant):
        return isinstance(side.value, str)
    if isinstance(side, ast.JoinedStr):
        return True
    if isinstance(side, ast.BinOp) and isinstance(side.op, ast.Div):
        return _joins_paths(side)
    return bool(PATHS.search(dotted(side)))
