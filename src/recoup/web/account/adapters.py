"""Where django-allauth asks us about accounts."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from recoup.identity import actions as identity
from recoup.kernel import clock
from recoup.web.account import company_providers, own_phone, post, signed_in, tries
from recoup.web.account.phones import Phones


class Accounts(Phones, DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts as Recoup wants them."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": (
            "Too many tries with a password. Sign in with a passkey or with a code by mail, or wait 15 minutes."
        ),
    }

    _was_here = False

    def pre_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse | None:
        """Whose company wants it so signs in there and nowhere else."""
        if company_providers.must_go_to_company(request, user.email or ""):
            return redirect(f"{reverse('company_sign_in')}?{urlencode({'next': more.get('redirect_url') or ''})}")
        refused: HttpResponse | None = super().pre_login(request, user, **more)
        return refused

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """A password is tried only as often as `tries` lets it be."""
        try:
            self._spent = tries.begin(request, credentials.get("email") or "", at=clock.now())
        except tries.TooMany:
            raise self.validation_error("too_many_login_attempts") from None

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Who it is; a right password is not counted as a try."""
        person = super().authenticate(request, **credentials)
        if person:
            tries.was_right(self._spent)
        return person

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Who has neither password nor second factor is asked too, by a code: allauth would take their word for it."""
        first = own_phone.prove_first_by_code(self.request)
        if first is not None:
            raise ImmediateHttpResponse(first)
        is_required: bool = super().is_reauthentication_required(app=app, **more)
        return is_required

    def login(self, request: HttpRequest, user: Any) -> None:
        """Somebody's first sign-in is news to nobody."""
        self._was_here = user.last_login is not None
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse:
        """The browser is known for this account afterwards."""
        response: HttpResponse = super().post_login(request, user, **more)
        token = tries.remember_device(request, response, user.email or user.phone)
        signed_in.note(request, user, token=token, was_here=self._was_here)
        post.tell_of_recovery_code(request, user)
        return response

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The letter is put in line; nobody waits for a mail server here (docs/decisions/0041)."""
        post.write(template_prefix, email, context)

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """The person is told what changed, with a link to say that it was not them."""
        del email
        post.tell(template_prefix, user, context or {})

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """A second address opens the account now: the first one hears of it."""
        is_new: bool = super().confirm_email(request, email_address)
        if is_new:
            post.tell_of_address(email_address)
        return is_new

    def set_password(self, user: Any, password: str) -> None:
        """The one they had is remembered too, whoever gave it to them."""
        if user.has_usable_password():
            identity.remember_password(person_id=user.pk, hashed=user.password)
        super().set_password(user, password)

    def get_login_stages(self) -> list[str]:
        """Who comes from their own company is not asked for a second proof of ours: the company asks for its own."""
        stages: list[str] = super().get_login_stages()
        if not company_providers.came_from_company(self.request):
            return stages
        return [stage for stage in stages if not stage.startswith("allauth.mfa.")]
