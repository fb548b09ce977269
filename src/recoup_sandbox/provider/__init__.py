"""A practice payment provider that behaves as Stripe documents for refunds. See docs/practice-provider.md.

`python -m recoup_sandbox.provider` runs it; the official `stripe` client works against it unchanged.
"""
