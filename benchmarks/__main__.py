"""`python -m benchmarks NAME ...`: run one measure."""

from __future__ import annotations

import importlib
import sys

#: Name -> the module that measures it; each has main(argv) -> exit code.
MEASURES = {
    "refunds": "benchmarks.refunds",
    "storm": "benchmarks.storm",
    "import": "benchmarks.import_lines",
    "decide": "benchmarks.decide",
    "authorize": "benchmarks.authorize",
    "pages": "benchmarks.pages",
}


def main(argv: list[str]) -> int:
    """The measure's exit code; 2 when there is no such measure."""
    if not argv or argv[0] not in MEASURES:
        print(f"usage: bin/bench {{{'|'.join(MEASURES)}}} [--json] ...", file=sys.stderr)
        return 2
    sys.argv = [f"bin/bench {argv[0]}", *argv[1:]]
    return int(importlib.import_module(MEASURES[argv[0]]).main(argv[1:]) or 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
