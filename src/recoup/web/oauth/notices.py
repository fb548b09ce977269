"""What people are told about apps that act for them."""

from __future__ import annotations

import structlog
from allauth.account.adapter import get_adapter
from django.contrib.auth import get_user_model

from recoup.identity.grants import Grant

log = structlog.get_logger(__name__)


def app_was_cut_off(grant: Grant) -> None:
    """Somebody showed what is good once a second time: they have it besides the app. The mail says what to do.

    The app is cut off already; a mail server that does not answer changes nothing about that.
    """
    log.warning("app_cut_off", app_id=str(grant.app_id), merchant_id=str(grant.merchant_id))
    if grant.person_id is None:
        return
    person = get_user_model().objects.get(pk=grant.person_id)
    try:
        get_adapter().send_notification_mail("account/email/app_cut_off", person, {"app_name": grant.app_name})
    except OSError as problem:
        log.warning("notice_not_sent", notice="app_cut_off", problem=type(problem).__name__)
