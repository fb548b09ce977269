"""A door that answers after the same time whatever it found, so that a stopwatch learns no more than an eye.

Where a case's own shopper asks, a code is written and a mail put in line; for anybody else there is nothing to do. The
whole step takes as long as the longer of the two has room for.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

#: Room for a code and a mail on a busy machine, and less than a person notices. The thread rests meanwhile.
STEP_S = 0.2


@contextmanager
def even_time() -> Iterator[None]:
    """What is done inside ends `STEP_S` after it began, also when it is refused; no transaction may be open."""
    ends_at = time.monotonic() + STEP_S
    try:
        yield
    finally:
        time.sleep(max(0.0, ends_at - time.monotonic()))
