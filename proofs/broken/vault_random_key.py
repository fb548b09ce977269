"""A vault that sends again instead of looking up, with a new random key each time: it must pay twice."""

import dataclasses
import sys
from uuid import uuid4

from proofs.broken import vault_resends
from recoup_vault import __main__ as vault
from recoup_vault.stripe_rail import StripeRail
from recoup_vault.words import Claim, Said

_refund = StripeRail.refund


def _refund_with_random_key(rail: StripeRail, claim: Claim) -> Said:
    return _refund(rail, dataclasses.replace(claim, idempotency_key=uuid4()))


if __name__ == "__main__":
    StripeRail.refund = _refund_with_random_key  # type: ignore[method-assign]
    vault_resends.break_it()
    sys.exit(vault.main())
