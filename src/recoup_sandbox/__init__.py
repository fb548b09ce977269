"""The practice world: what Recoup talks to when no real money may move.

Three things, each a program or a tool of its own, and none of them imported by the product:

- `recoup_sandbox.provider`, a payment provider that behaves as Stripe documents for refunds, with scripted faults and
  an append-only record of the money it moved (the oracle of every proof);
- `recoup_sandbox.town`, a merchant's own order system and a mailbox that catches what Recoup sends;
- `recoup_sandbox.fault_proxy`, a TCP proxy that delays, cuts and swallows.

Everything listens on loopback only.
"""
