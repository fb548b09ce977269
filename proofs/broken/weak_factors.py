"""A web where a second factor is asked for and believed too easily: codes are good again and uncounted, a passkey's
holder is not checked, and whoever works for a company needs none.
"""

from typing import Any


def break_it() -> None:
    """From now on all of that."""
    from allauth.mfa.totp.internal.auth import TOTP
    from allauth.mfa.webauthn.internal import auth

    from recoup.web.account import factor_forms, second_factor, tries

    TOTP._mark_code_used = lambda *_told: True  # type: ignore[method-assign]  # noqa: SLF001
    factor_forms.use_up = lambda *_told: None
    tries.begin_code = lambda *_told, **_named: []
    keep = auth.set_state

    def keep_weakly(state: Any) -> None:
        keep({**state, "user_verification": "discouraged"})

    auth.set_state = keep_weakly
    second_factor.standing = _always


def _always(*_told: Any, **_named: Any) -> Any:
    from recoup.web.account.second_factor import Standing

    return Standing.PROVED
