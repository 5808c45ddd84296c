"""What is kept of how members sign in? The organization's server, its domains, what its groups give, who came from there."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q

from licet.portal import clock
from licet.portal.organizations.models import Organization, Role


class Rule(models.Model):
    """What the organization asks of a member before he acts for it. No row: nothing."""

    class Factor(models.TextChoices):
        NONE = ""
        ANY = "any"
        PASSKEY = "passkey"

    organization = models.OneToOneField(Organization, models.CASCADE, primary_key=True, related_name="sign_in")
    sso = models.BooleanField(default=False)
    factor = models.CharField(max_length=10, choices=Factor.choices, default=Factor.NONE, blank=True)
    days = models.PositiveSmallIntegerField(null=True)  # so long a sign-in counts for one's keys; None: for ever
    changed_s = models.BigIntegerField(default=clock.now_s, editable=False)


class Connection(models.Model):
    """An OpenID Connect server. The secret is sealed (`sealed.py`). Another issuer is another connection."""

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "sso"), editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="connections")
    issuer = models.CharField(max_length=300)
    client_id = models.CharField(max_length=200)
    secret = models.BinaryField(max_length=1_000)
    groups_claim = models.CharField(max_length=60, default="groups")
    role = models.ForeignKey(
        Role, models.PROTECT, null=True, related_name="+"
    )  # of whom no group gives one; None: nobody
    made_s = models.BigIntegerField("made", default=clock.now_s, editable=False)
    removed_s = models.BigIntegerField("removed", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=Q(removed_s=None), name="one_connection_an_organization"
            )
        ]

    def __str__(self) -> str:
        return f"{self.issuer} of {self.organization}"


class GroupRole(models.Model):
    """Whoever is in the group has the role. The first in order that fits stands."""

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "grp"), editable=False)
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="groups")
    group = models.CharField(max_length=200)
    role = models.ForeignKey(Role, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "group"], name="one_role_a_group")]


class Domain(models.Model):
    """A domain of mail addresses. Only confirmed ones count; each is one organization's."""

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "dom"), editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="domains")
    name = models.CharField(max_length=253)
    digest = models.BinaryField(max_length=32, null=True, unique=True)  # of the word in the mail
    expires_s = models.BigIntegerField("the mail ends", null=True)
    made_s = models.BigIntegerField("named", default=clock.now_s, editable=False)
    verified_s = models.BigIntegerField("confirmed", null=True)
    verified_how = models.CharField(max_length=10, blank=True)  # dns, mail, operator

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="named_once"),
            models.UniqueConstraint(fields=["name"], condition=Q(verified_s__isnull=False), name="one_owner_a_domain"),
        ]

    def __str__(self) -> str:
        return self.name


class Identity(models.Model):
    """An account, as the server of an organization knows it: by the `sub` of its tokens, never by an address."""

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "idn"), editable=False)
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="identities")
    person = models.ForeignKey("portal.Holder", models.CASCADE, related_name="identities")
    subject = models.CharField(max_length=255)
    made_s = models.BigIntegerField("connected", default=clock.now_s, editable=False)
    last_s = models.BigIntegerField("last sign-in", default=clock.now_s)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "subject"], name="one_account_a_subject"),
            models.UniqueConstraint(fields=["connection", "person"], name="one_subject_an_account"),
        ]
