"""The counter of merchants."""

from recoup.merchants.actions.add_policy import add_policy
from recoup.merchants.actions.connect_orders import connect_orders
from recoup.merchants.actions.decide_by_policy import decide_by_policy
from recoup.merchants.actions.draft_policy import DraftMoved, draft_policy
from recoup.merchants.actions.drop_policy_draft import drop_policy_draft
from recoup.merchants.actions.enable_policy import enable_policy
from recoup.merchants.actions.note_past_run import note_past_run
from recoup.merchants.actions.register import SlugTaken, register
from recoup.merchants.actions.set_approval_limits import set_approval_limits
from recoup.merchants.actions.set_look import NewLogo, set_look

__all__ = [
    "DraftMoved",
    "NewLogo",
    "SlugTaken",
    "add_policy",
    "connect_orders",
    "decide_by_policy",
    "draft_policy",
    "drop_policy_draft",
    "enable_policy",
    "note_past_run",
    "register",
    "set_approval_limits",
    "set_look",
]
