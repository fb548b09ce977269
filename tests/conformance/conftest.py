"""The way of a shop's money."""

from tests.refunds.conftest import rail

__all__ = ["rail"]
