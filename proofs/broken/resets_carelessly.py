"""A web whose letters lead to the host that a request names, whose reset codes are good for ever and again, and where a
new password ends no session.
"""

from types import SimpleNamespace
from typing import Any

from django.conf import settings as django_settings


def break_it() -> None:
    """From now on all of that."""
    from allauth.account.internal.flows import password_reset
    from allauth.account.internal.flows.password_reset_by_code import PasswordResetVerificationProcess as Reset

    from recoup.identity.models import Person
    from recoup.web import front
    from recoup.web.account import post

    django_settings.ALLOWED_HOSTS = ["*"]
    front._must_name_us = lambda _request: None  # noqa: SLF001 - broken on purpose
    write = post.write

    def write_to_the_host(template: str, to: str, context: dict[str, Any]) -> None:
        post.settings = SimpleNamespace(PUBLIC_URL=f"http://{context['request'].META.get('HTTP_HOST', '')}")  # type: ignore[assignment]
        write(template, to, context)

    post.write = write_to_the_host
    Reset.is_valid = lambda _self: True  # type: ignore[method-assign]
    Reset.finish = lambda self: password_reset.finalize_password_reset(  # type: ignore[method-assign]
        self.request, self.user, email=self.state["email"]
    )
    Person.get_session_auth_hash = lambda _self: "the same for everybody"  # type: ignore[method-assign]
