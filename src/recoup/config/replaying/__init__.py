"""Replaying a real merchant's cancellations against a running Recoup: what `bin/recoup replay` is made of.

*cancellations* reads the files, *company* makes the merchant with its orders and charges, *http_client* and *feeding*
ask for the refunds as that merchant's own system would, *figures* counts what became of them.
"""
