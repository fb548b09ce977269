"""The town around Recoup: a merchant's own order system, and the mailbox of everybody who shops there.

`python -m recoup_sandbox.town` runs both in one process, on loopback. See docs/practice-provider.md.
"""
