"""Fault tests on the real programs, and builds broken on purpose that must fail them."""
