"""The counters of this context for tests: looked up when they are used, since models need Django set up first."""

from __future__ import annotations

import importlib
from typing import Any


class Counter:
    """A module that is imported at first use."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(self._name), name)


actions = Counter("recoup.orders.actions")
queries = Counter("recoup.orders.queries")
importing = Counter("recoup.orders.importing")
merchant_system = Counter("recoup.orders.gateways.merchant_system")
