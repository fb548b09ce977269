"""What apps there are, what each may ask for and how it proves who it is; and where people may be sent back to."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from allauth.idp.oidc.models import Client

from recoup.access import keys
from recoup.identity import grants
from recoup.kernel.errors import Invalid

#: About the person themselves, for every app that people sign in with.
ABOUT_THE_PERSON = ("openid", "profile", "email", grants.STAYS)
#: No app does these for a person (policies/never.cedar); a server of the company may, in its own name.
FOR_SERVERS_ONLY = frozenset({"keys:write", "members:write", "gateway:authorize"})
NAME_MAX, ADDRESSES_MAX, ADDRESS_LENGTH_MAX = 80, 10, 300
_HERE = ("127.0.0.1", "localhost")
_GRANTS = Client.GrantType


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`is_public`: it can keep no secret, because anybody can open it and look."""

    name: str
    words: str
    is_public: bool
    grant_types: tuple[str, ...]

    @property
    def acts_for_people(self) -> bool:
        return _GRANTS.CLIENT_CREDENTIALS not in self.grant_types

    @property
    def sends_people_back(self) -> bool:
        return _GRANTS.AUTHORIZATION_CODE in self.grant_types

    @property
    def scopes(self) -> frozenset[str]:
        """What an app of this kind can be given of the API."""
        return keys.SCOPES - FOR_SERVERS_ONLY if self.acts_for_people else keys.SCOPES


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="server",
            words="A server of ours that works by itself",
            is_public=False,
            grant_types=(_GRANTS.CLIENT_CREDENTIALS,),
        ),
        Kind(
            name="web",
            words="A web application of ours that our staff sign in to",
            is_public=False,
            grant_types=(_GRANTS.AUTHORIZATION_CODE, _GRANTS.REFRESH_TOKEN),
        ),
        Kind(
            name="native",
            words="An app on our staff's phones or computers",
            is_public=True,
            grant_types=(_GRANTS.AUTHORIZATION_CODE, _GRANTS.REFRESH_TOKEN),
        ),
        Kind(
            name="device",
            words="A booth or another device without a keyboard",
            is_public=True,
            grant_types=(_GRANTS.DEVICE_CODE, _GRANTS.REFRESH_TOKEN),
        ),
    )
}


def of(client: Client) -> Kind:
    """The kind that the app was made as."""
    return KINDS[client.data["kind"]]


def new_secret() -> str:
    """256 random bits, as the app's owner will see them, once."""
    return "rs_" + secrets.token_urlsafe(32)


def is_secret_of(client: Client, told: str) -> bool:
    """Whether that is the app's secret. An app that has none has no right one either."""
    kept = client.secret
    return bool(kept) and hmac.compare_digest(kept, grants.hash_of(told))


def check(*, name: str, kind: str, redirect_uris: Collection[str], scopes: Collection[str]) -> Kind:
    """The kind, when an app can be made like that. Raises Invalid with what is wrong."""
    if kind not in KINDS:
        raise Invalid(f"there is no kind {kind!r} of app; there are {', '.join(KINDS)}")
    known = KINDS[kind]
    if not 1 <= len(name) <= NAME_MAX or not name.isprintable():
        raise Invalid(f"an app has a name of 1 to {NAME_MAX} letters")
    unknown = set(scopes) - known.scopes
    if unknown or not scopes:
        wrong = f"it cannot have {', '.join(sorted(unknown))}" if unknown else "it needs at least one scope"
        raise Invalid(f"{wrong}; there are {', '.join(sorted(known.scopes))}")
    if known.sends_people_back != bool(redirect_uris):
        raise Invalid("say where people are sent back to" if not redirect_uris else "it sends nobody back")
    if len(redirect_uris) > ADDRESSES_MAX:
        raise Invalid(f"at most {ADDRESSES_MAX} addresses")
    for address in redirect_uris:
        check_address(address)
    return known


def check_address(address: str) -> None:
    """People may be sent back there: https, or this very computer. Compared letter by letter. Raises Invalid."""
    parts = urlsplit(address if _is_readable(address) else "")
    is_plain = address.isascii() and address.isprintable() and not set(address) & set(" \\*<>\"'`{}|^;,")
    if not parts.hostname or not is_plain or len(address) > ADDRESS_LENGTH_MAX:
        raise Invalid(f"{address[:80]!r} is no address that people can be sent back to")
    if parts.username is not None or parts.password is not None or "#" in address:
        raise Invalid("an address to send people back to has no user name and no fragment (#)")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise Invalid("people are sent back by https, or by http to 127.0.0.1 or localhost")


def _is_readable(address: str) -> bool:
    try:
        return urlsplit(address).port != 0
    except ValueError:
        return False
