"""A web that believes an account every address it names, proved or not."""

from __future__ import annotations

from uuid import UUID


def break_it() -> None:
    """From now on an address that was typed is as good as one that was proved."""
    from allauth.account.models import EmailAddress

    from recoup.identity import queries

    def contacts(person_id: UUID) -> tuple[str, ...]:
        found = EmailAddress.objects.filter(user_id=person_id).values_list("email", flat=True)
        return tuple(address.lower() for address in found)

    queries.proved_contacts = contacts
