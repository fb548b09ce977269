"""`python -m recoup_vault`. Settings: RECOUP_DATABASE_URL, RECOUP_VAULT_KEY_FILE, RECOUP_MODE, RECOUP_HEARTBEAT_DIR."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from recoup.kernel import memory
from recoup_vault.boxes import Boxes
from recoup_vault.desk import Desk
from recoup_vault.lines import Lines
from recoup_vault.program import Vault, serve
from recoup_vault.reader import Reader


def main() -> int:
    """The vault works until it is told to stop."""
    try:
        url, key_file = os.environ["RECOUP_DATABASE_URL"], Path(os.environ["RECOUP_VAULT_KEY_FILE"])
    except KeyError as missing:
        print(f"{missing.args[0]} is not set; bin/up starts the vault with everything it needs", file=sys.stderr)  # noqa: T201
        return 2
    is_practice = os.environ.get("RECOUP_MODE") == "demo"
    if os.environ.get("RECOUP_CRASHPOINTS") and not is_practice:
        print("RECOUP_CRASHPOINTS kills programs on purpose; production refuses it", file=sys.stderr)  # noqa: T201
        return 2
    lines = Lines()
    boxes = Boxes(key_file=key_file, lines=lines, is_practice=is_practice)
    own_boxes = Boxes(key_file=key_file, lines=lines, is_practice=is_practice)
    reader = Reader(database_url=url, boxes=own_boxes, lines=lines)
    memory.settle()
    with reader.at_work():
        return serve(Vault(desk=Desk(database_url=url), boxes=boxes, lines=lines))


if __name__ == "__main__":
    sys.exit(main())
