"""What a company may wish for an endpoint: where, of what, and in which words; and whose endpoint it is."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from recoup.callbacks import catalogue
from recoup.callbacks.gateways import naming
from recoup.callbacks.models import Endpoint
from recoup.callbacks.targets import UrlRefused
from recoup.kernel.errors import Invalid, NotFound, Refusal

DESCRIPTION_MAX = 200


class SwitchedOff(Refusal):
    """Nothing is sent to an endpoint that is switched off."""

    code = "endpoint_switched_off"
    status = 409
    title = "The endpoint is switched off; switch it on first"


def must_be_public(url: str) -> None:
    """Something may be sent there. Raises UrlRefused, also when its name is not known just now."""
    try:
        naming.address_of(naming.target_of(url))
    except naming.NameSilent as problem:
        raise UrlRefused(f"The name could not be looked up: {problem}. Try again in a moment") from None


def chosen(event_types: Collection[str]) -> list[str]:
    """The types, each once, in the order of the catalogue. Raises Invalid."""
    unknown = sorted(set(event_types) - set(catalogue.TYPES))
    if unknown:
        raise Invalid(f"There is no event type {', '.join(unknown)}", errors=unknown)
    if not event_types:
        raise Invalid("Choose at least one event type")
    return [type_ for type_ in catalogue.TYPES if type_ in set(event_types)]


def described(description: str) -> str:
    """The words for people. Raises Invalid."""
    if len(description) > DESCRIPTION_MAX:
        raise Invalid(f"A description has at most {DESCRIPTION_MAX} characters")
    return description


def locked(*, merchant_id: UUID, endpoint_id: UUID) -> Endpoint:
    """The company's endpoint, for this transaction. Raises NotFound."""
    found = Endpoint.objects.select_for_update(no_key=True).filter(merchant_id=merchant_id, id=endpoint_id).first()
    if found is None:
        raise NotFound("There is no such webhook endpoint")
    return found


def ready(*, merchant_id: UUID, endpoint_id: UUID) -> Endpoint:
    """The company's endpoint, for this transaction, switched on. Raises NotFound, SwitchedOff."""
    endpoint = locked(merchant_id=merchant_id, endpoint_id=endpoint_id)
    if endpoint.active_since is None:
        raise SwitchedOff
    return endpoint
