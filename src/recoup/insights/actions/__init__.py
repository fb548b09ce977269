"""The counter of insights."""

from recoup.insights.actions.measure_promises import measure_promises

__all__ = ["measure_promises"]
