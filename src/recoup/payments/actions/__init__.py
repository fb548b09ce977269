"""The counter of payments: what can be done about payouts."""

from recoup.payments.actions.apply_answers import apply_answers
from recoup.payments.actions.cancel_payout import cancel_payout
from recoup.payments.actions.look_up_now import look_up_now
from recoup.payments.actions.open_account import open_account
from recoup.payments.actions.park_payout import park_payout
from recoup.payments.actions.release_payout import release_payout
from recoup.payments.actions.retry_payout import retry_payout
from recoup.payments.actions.weigh_sightings import weigh_sightings
from recoup.payments.states import CaptureDisputed, MoveNotAllowed, PayoutNotThere

__all__ = [
    "CaptureDisputed",
    "MoveNotAllowed",
    "PayoutNotThere",
    "apply_answers",
    "cancel_payout",
    "look_up_now",
    "open_account",
    "park_payout",
    "release_payout",
    "retry_payout",
    "weigh_sightings",
]
