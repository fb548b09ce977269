"""Captures, payouts and the answers of rails: the side of money that the product may see."""
