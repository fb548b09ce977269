"""What was bought, paid and shipped: a faithful copy of the merchants' systems, with its freshness."""
