"""Django's own commands, for maintainers: `python -m recoup.config.manage migrate`."""

from __future__ import annotations

import os
import sys

#: A migration that cannot have its lock soon gives up, instead of making every refund wait in line behind it.
LOCK_TIME_LIMIT = "-c lock_timeout=5s"


def main() -> None:
    """Run one of Django's commands with Recoup's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recoup.config.settings")
    os.environ.setdefault("PGOPTIONS", LOCK_TIME_LIMIT)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
