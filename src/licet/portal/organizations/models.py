"""What is kept of organizations? Their names, roles, members and invitations. What they own hangs on their holder."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q

from licet.portal import clock


class Organization(models.Model):
    """`holder` ("hol_…") owns its tiers, keys, grants and acceptances; deleted, it is a tombstone."""

    holder = models.OneToOneField("portal.Holder", models.PROTECT, primary_key=True, related_name="organization")
    name = models.CharField(max_length=80)
    founder = models.ForeignKey("portal.Holder", models.PROTECT, null=True, related_name="founded")
    made_s = models.BigIntegerField("founded", default=clock.now_s, editable=False)

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """A set of acts (`access.role.ACTS`). Without an organization it is one of those that all have."""

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "role"), editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="roles")
    name = models.CharField(max_length=40)
    acts = models.JSONField(default=list)
    made_s = models.BigIntegerField("made", default=clock.now_s, editable=False)
    removed_s = models.BigIntegerField("removed", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"], condition=Q(removed_s=None), name="one_role_of_a_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """Somebody in a role: a person, or a service account, which has a name instead. Ended, the row stays."""

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "mem"), editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="memberships")
    person = models.ForeignKey("portal.Holder", models.PROTECT, null=True, related_name="memberships")
    name = models.CharField(max_length=80, blank=True)
    role = models.ForeignKey(Role, models.PROTECT, related_name="memberships")
    made_s = models.BigIntegerField("since", default=clock.now_s, editable=False)
    ended_s = models.BigIntegerField("ended", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "person"], condition=Q(ended_s=None), name="one_membership_a_person"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, name="") | (Q(person__isnull=True) & ~Q(name="")),
                name="a_person_or_a_name",
            ),
        ]

    def __str__(self) -> str:
        return str(self.person) if self.person else self.name


class Invitation(models.Model):
    """A word that was sent to an address: its digest only. It works once, for that address, until `expires_s`."""

    id = models.CharField(primary_key=True, max_length=40, default=partial(clock.new_id, "inv"), editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="invitations")
    email = models.EmailField(max_length=254)
    email_folded = models.CharField(max_length=300, db_index=True)
    role = models.ForeignKey(Role, models.PROTECT)
    digest = models.BinaryField(max_length=32, unique=True)
    invited_by = models.ForeignKey(Membership, models.PROTECT, null=True)  # None: an operator
    made_s = models.BigIntegerField("sent", default=clock.now_s, editable=False)
    expires_s = models.BigIntegerField("ends")
    accepted_s = models.BigIntegerField("accepted", null=True)
    withdrawn_s = models.BigIntegerField("withdrawn", null=True)

    def __str__(self) -> str:
        return f"{self.email} to {self.organization}"


class KeyOf(models.Model):
    """In whose membership does a key of an organization call? Every key of an organization has such a row."""

    key = models.OneToOneField("portal.Key", models.PROTECT, primary_key=True, related_name="of")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="keys")
