"""`bin/up` with the tiny programs, for the tests of its manners: `python -m tests.house.tiny_up --port ...`."""

import sys

from recoup.config import up
from tests.house.tiny import ROSTER

if __name__ == "__main__":
    sys.exit(up.main(roster=ROSTER, with_database_work=False))
