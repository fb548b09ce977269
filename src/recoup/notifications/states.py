"""Which letters about accounts there are."""

from __future__ import annotations

from enum import StrEnum


class Letter(StrEnum):
    """The letters that are an answer to what somebody just did at the sign-in."""

    SIGN_IN_CODE = "sign_in_code"
    ADDRESS_CODE = "address_code"
    RESET_CODE = "reset_code"
    NO_ACCOUNT = "no_account"
    HAS_ACCOUNT = "has_account"
    #: An account's manager is told that somebody of theirs said "This was not me".
    COLLEAGUE_DISOWNED = "colleague_disowned"
    #: Somebody is asked to work for a company.
    INVITATION = "invitation"
    #: A manager is told that a case waits for another person's yes.
    SECOND_PERSON = "second_person"
    #: Somebody who works for a company has another role there.
    ROLE_CHANGED = "role_changed"
    #: Words that came ready made.
    PLAIN = "plain"


class Change(StrEnum):
    """What people are told about their account, with a link to say "This was not me"."""

    NEW_DEVICE = "new_device"
    PASSWORD_SET = "password_set"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_RESET = "password_reset"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    EMAIL_ADDED = "email_added"
    EMAIL_CHANGED = "email_changed"
    EMAIL_REMOVED = "email_removed"
    PHONE_CHANGED = "phone_changed"
    SIGN_IN_CONNECTED = "sign_in_connected"
    SIGN_IN_DISCONNECTED = "sign_in_disconnected"
    APP_CUT_OFF = "app_cut_off"
