"""Refunds through the JSON API."""

from recoup.refunds.api.cases import router as cases
from recoup.refunds.api.evidence import router as evidence

__all__ = ["cases", "evidence"]
