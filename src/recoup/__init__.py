"""Recoup: a refund from asking to money, for shoppers of many companies. ARCHITECTURE.md has the picture."""
