"""A vault that sends again instead of looking up. The derived key alone has to keep the money from moving twice."""

import sys

from recoup_vault import __main__ as vault
from recoup_vault.stripe_rail import StripeRail


def break_it() -> None:
    """From now on a doubt is answered by the same request again."""
    StripeRail.look_up = StripeRail.refund  # type: ignore[method-assign]


if __name__ == "__main__":
    break_it()
    sys.exit(vault.main())
