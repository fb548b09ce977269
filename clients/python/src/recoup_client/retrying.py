"""When a request is sent again, and after how long."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

#: Answers that say: not now. Nothing is wrong with the request.
AGAIN = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying:
    """How patient the client is. `retries` is how often more than once; `wait_s_max` the longest single pause.

    The pause before retry n is random between nothing and `first_s` * 2**n ("full jitter"), so that many clients that
    failed together do not come back together. When Recoup says Retry-After, the pause is that, and up to a second more;
    when it says more than `wait_s_max`, there is no retry: the error tells how long.
    """

    retries: int = 4
    first_s: float = 0.5
    wait_s_max: float = 30.0

    def pause_s(
        self, *, retry: int, retry_after_s: float | None, chance: Callable[[], float] = random.random
    ) -> float | None:
        """Seconds to wait before retry number `retry` (from 0); None when there is to be none."""
        if retry >= self.retries:
            return None
        if retry_after_s is not None:
            return None if retry_after_s > self.wait_s_max else retry_after_s + chance()
        return min(self.wait_s_max, self.first_s * 2.0**retry) * chance()
