"""Where people in tests are: each somewhere of their own, so that nobody uses up what an address may ask."""

import secrets


def somewhere():
    """An address in a network of its own."""
    return f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"
