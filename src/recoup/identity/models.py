"""People and the proofs they carry."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Now

from recoup.kernel.ids import uuid7


class People(BaseUserManager["Person"]):
    """Finds people by their e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email=(username or "").strip().lower())


class Person(AbstractBaseUser):
    """Somebody who signs in. What they may do stands in their memberships, but for the operator."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    #: Null: reached by phone alone. Then nothing that goes by address (a company, a password) is theirs.
    email = models.EmailField(unique=True, max_length=254, null=True)
    name = models.TextField(blank=True, default="")
    phone = models.TextField(null=True)
    phone_verified_at = models.DateTimeField(null=True)
    #: Null: from before this was kept.
    created_at = models.DateTimeField(null=True, db_default=Now())
    is_active = models.BooleanField(default=True)
    is_operator = models.BooleanField(default=False)

    objects: ClassVar[People] = People()

    USERNAME_FIELD = "email"

    def __str__(self) -> str:
        return self.email or self.phone or ""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["phone"], condition=models.Q(phone__isnull=False), name="a_phone_is_one_persons"
            ),
            models.CheckConstraint(
                condition=models.Q(email__isnull=False, email__gt="") | models.Q(phone__isnull=False),
                name="everybody_can_be_reached",
            ),
        ]


class FormerPassword(models.Model):
    """A password that a person has set: its hash, so that it is not set again soon. The newest is the one they use."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    password = models.TextField()


class Device(models.Model):
    """A browser that a person has signed in with. It is known by a cookie, whose token is kept hashed, and shown by the
    name that we give it: nothing that it wrote itself, and no address.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    token_hash = models.BinaryField()
    name = models.TextField()
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "token_hash"], name="a_browser_is_one_device_of_each_person")
        ]


class Role(models.TextChoices):
    """What a member may do for a company; the policies under `policies/` say what that is."""

    AUDITOR = "auditor", "Auditor"
    BOOTH = "booth", "Booth"
    SUPPORT = "support", "Support"
    REVIEWER = "reviewer", "Reviewer"
    MANAGER = "manager", "Manager"


class Membership(models.Model):
    """A person works for a company."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    role = models.TextField(choices=Role.choices)
    #: How much this member may approve alone, in minor units of the company's currency; null: as their role.
    approve_limit_minor = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "merchant_id"], name="one_membership_per_company")]


class Invitation(models.Model):
    """Somebody is asked to work for a company: whoever proves the address and has the link may take the role, once.
    The token is 128 random bits, kept hashed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    email = models.EmailField(max_length=254)
    role = models.TextField(choices=Role.choices)
    token_hash = models.BinaryField(unique=True)
    invited_by = models.TextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    #: Taken back, or replaced by a newer one.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant_id", "email"],
                condition=models.Q(accepted_at__isnull=True, ended_at__isnull=True),
                name="one_open_invitation_per_address",
            ),
        ]


class OneTimeCode(models.Model):
    """A six-digit code sent to the contact of an order. Hashed, short-lived, few tries. `email` is that contact: an
    address, or a number in E.164.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    order_number = models.TextField()
    email = models.EmailField(max_length=254)
    code_hash = models.BinaryField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(tries__lte=5), name="at_most_five_tries_per_code")]


class GuestPass(models.Model):
    """A shopper without an account may see one order and its cases. The token is 128 random bits, kept hashed. `email`
    is what was proved: an address, or a number in E.164.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    token_hash = models.BinaryField(unique=True)
    order_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    email = models.EmailField(max_length=254)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class ProviderKind(models.TextChoices):
    """How a company's own identity provider is spoken to."""

    OIDC = "oidc", "OpenID Connect"
    SAML = "saml", "SAML 2.0"


class IdentityProvider(models.Model):
    """Where a company's staff sign in: its own identity provider. `client_id` and `secret_sealed` are for OpenID
    Connect, `sso_url` and `certificate` (PEM) for SAML; `issuer` is the address of the one, the entity id of the other.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField(unique=True)
    slug = models.TextField(unique=True)
    name = models.TextField()
    kind = models.TextField(choices=ProviderKind.choices)
    issuer = models.TextField()
    client_id = models.TextField(blank=True, default="")
    secret_sealed = models.BinaryField(default=b"")
    sso_url = models.TextField(blank=True, default="")
    certificate = models.TextField(blank=True, default="")
    #: The claim or attribute that lists somebody's groups there, and which group is which role here.
    groups_claim = models.TextField(blank=True, default="")
    roles = models.JSONField(default=dict)
    #: The role of whoever comes without a group that is named above; null: they are not let in.
    default_role = models.TextField(choices=Role.choices, null=True)
    is_required = models.BooleanField(default=False)
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()


class ProviderDomain(models.Model):
    """The identity provider speaks for the addresses of this domain. No domain has two."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    domain = models.TextField(unique=True)
    merchant_id = models.UUIDField()
    provider = models.ForeignKey(IdentityProvider, on_delete=models.CASCADE)


class App(models.Model):
    """A company's server, app or booth that asks for tokens (docs/oauth.md). What it may ask for stands in allauth's
    `Client` of the same id, for as long as it may ask at all: a revoked app has none, and so no tokens either.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    merchant_id = models.UUIDField()
    name = models.TextField()
    made_by = models.TextField()
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class SigningKey(models.Model):
    """What our tokens are signed with. The private half is sealed with the field key; `kid` is the public one's
    thumbprint (RFC 7638). The newest key whose time has come signs; a key is believed until `retires_at`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    kid = models.TextField(unique=True)
    public_jwk = models.JSONField()
    private_sealed = models.BinaryField()
    created_at = models.DateTimeField()
    signs_from = models.DateTimeField()
    retires_at = models.DateTimeField(null=True)
