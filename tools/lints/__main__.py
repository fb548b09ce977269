"""`python -m tools.lints [FILE...]`: exit code 1 when a house rule is broken."""

import sys
from pathlib import Path

from tools.lints import house

ROOT = Path(__file__).resolve().parent.parent.parent


def main(paths: list[str]) -> int:
    """Print what is wrong in `paths` (everything when empty) and say whether anything is."""
    if paths:
        places = [Path(path).resolve().relative_to(ROOT).as_posix() for path in paths]
        chosen = [source for place in places if (source := house.read(ROOT, place)) is not None]
    else:
        chosen = list(house.sources(ROOT))
    found = house.findings(chosen)
    for finding in found:
        print(finding)
    print(f"house rules: {len(chosen)} files, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
