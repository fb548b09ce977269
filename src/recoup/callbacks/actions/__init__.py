"""What is done with webhook endpoints: by their company at the doors, by the worker when it sends."""

from recoup.callbacks.actions.add_endpoint import TooManyEndpoints, add_endpoint
from recoup.callbacks.actions.change_endpoint import change_endpoint
from recoup.callbacks.actions.note_answer import note_answer
from recoup.callbacks.actions.remove_endpoint import remove_endpoint
from recoup.callbacks.actions.replay import replay
from recoup.callbacks.actions.replay_failed import replay_failed
from recoup.callbacks.actions.rotate_secret import rotate_secret
from recoup.callbacks.actions.take_turns import take_turns
from recoup.callbacks.actions.try_endpoint import try_endpoint
from recoup.callbacks.gateways.naming import NameSilent
from recoup.callbacks.targets import UrlRefused
from recoup.callbacks.wishes import SwitchedOff

__all__ = [
    "NameSilent",
    "SwitchedOff",
    "TooManyEndpoints",
    "UrlRefused",
    "add_endpoint",
    "change_endpoint",
    "note_answer",
    "remove_endpoint",
    "replay",
    "replay_failed",
    "rotate_secret",
    "take_turns",
    "try_endpoint",
]
