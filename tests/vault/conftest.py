"""The database, the provider and a merchant of one's own."""

from tests.payments.cluster import house, market, provider

__all__ = ["house", "market", "provider"]
