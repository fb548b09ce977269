"""How a long-lived program treats what it has loaded: once, at its start."""

from __future__ import annotations

import gc

#: New objects between two looks for cycles, and looks at the young between two at the older. A request or a batch makes
#: thousands of objects that go by themselves; Python's own 700 look at them again and again.
YOUNG_MAX, YOUNG_LOOKS, OLD_LOOKS = 20_000, 20, 20


def settle() -> None:
    """What is loaded now stays for good: the collector need not look at it any more, and rarely at what is new."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, YOUNG_LOOKS, OLD_LOOKS)
