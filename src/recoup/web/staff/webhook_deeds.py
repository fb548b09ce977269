"""What a manager can do with a webhook endpoint beside changing it: in words, and as actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404

from recoup.callbacks import actions
from recoup.web.staff.webhook_forms import NothingToSay, ReplayForm, RotateForm

REMOVE = "remove"
Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """`do` gives a new secret when there is one to be shown."""

    question: str
    words: str
    button: str
    done: str
    do: Callable[[Any, Given], str]
    form: type[forms.Form] = NothingToSay
    is_grave: bool = False


def named(deed: str) -> Deed:
    """The deed of that name. Raises Http404."""
    if deed not in _DEEDS:
        raise Http404
    return _DEEDS[deed]


def done(deed: str) -> str:
    """What is said once it was done; empty for what nobody did."""
    return _DEEDS[deed].done if deed in _DEEDS else _DONE.get(deed, "")


def _try(_form: NothingToSay, given: Given) -> str:
    actions.try_endpoint(**given)
    return ""


def _switch(*, on: bool) -> Callable[[Any, Given], str]:
    def switch(_form: NothingToSay, given: Given) -> str:
        actions.change_endpoint(is_enabled=on, **given)
        return ""

    return switch


def _rotate(form: RotateForm, given: Given) -> str:
    _, secret = actions.rotate_secret(overlap_h=form.cleaned_data["overlap_h"], **given)
    return secret


def _replay_failed(form: ReplayForm, given: Given) -> str:
    actions.replay_failed(since=given["at"] - form.back, **given)
    return ""


def _remove(_form: NothingToSay, given: Given) -> str:
    actions.remove_endpoint(**given)
    return ""


_DEEDS: dict[str, Deed] = {
    "test": Deed(
        question="Send a test message?",
        words="A message of the type endpoint.test is signed and sent like any other, behind those that wait already.",
        button="Send it",
        done="The test message is on its way. Look again in a moment to see what the server said.",
        do=_try,
    ),
    "switch-off": Deed(
        question="Switch this endpoint off?",
        words="Nothing more is sent. What waits now is given up and can be sent again later; what happens while it is "
        "off is not told.",
        button="Switch it off",
        done="The endpoint is off.",
        do=_switch(on=False),
        is_grave=True,
    ),
    "switch-on": Deed(
        question="Switch this endpoint on?",
        words="It hears of what happens from now on. What failed before can be sent again below its log.",
        button="Switch it on",
        done="The endpoint is on.",
        do=_switch(on=True),
    ),
    "rotate-secret": Deed(
        question="Replace the secret?",
        words="You see the new secret once. While both sign, your server may verify with either.",
        button="Replace it",
        done="",
        do=_rotate,
        form=RotateForm,
    ),
    "replay-failed": Deed(
        question="Send again what failed?",
        words="Everything that was given up is sent again in its order, with the ids it had, so that your server can "
        "tell what it knows already.",
        button="Send again",
        done="What failed is on its way again.",
        do=_replay_failed,
        form=ReplayForm,
    ),
    REMOVE: Deed(
        question="Remove this endpoint?",
        words="Its secret and its log go with it, and nothing can be sent again. To keep the log, switch it off.",
        button="Remove it for good",
        done="",
        do=_remove,
        is_grave=True,
    ),
}
_DONE = {
    "change": "The endpoint is changed.",
    "replay": "The message is on its way again.",
    "is-off": "Nothing was sent: the endpoint is off. Switch it on first.",
}
