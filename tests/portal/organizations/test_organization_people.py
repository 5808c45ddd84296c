"""Members come by invitation, are bound by seats, leave, hand over; an organization is never without an owner."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.portal.conftest import LICET, Hands

from licet.errors import LicetError
from licet.portal.config import PortalConfig
from licet.portal.directory import SqliteDirectory


def word(sent) -> str:
    return sent.link.reveal().rpartition("/")[2]


def test_an_organization_has_a_standing_of_its_own(lab, directory: SqliteDirectory) -> None:
    standing = directory.standing(lab.made.pk, "sana")
    assert standing is not None
    assert standing.claims == {"organization", "tier:free"}
    assert str(lab.made.holder) == "Whale Lab"


def test_an_invitation_goes_by_mail_and_works_once_for_that_address(lab, portal: PortalConfig) -> None:
    from licet.portal import mailbox
    from licet.portal.organizations import invitations

    bob, eve = lab.person("bob"), lab.person("eve")
    sent = invitations.invite(lab.actor(), " Bob@Example.org ", lab.role("Member"))
    (mail,) = [m for m in mailbox.read(portal.mail_dir) if m.to == "bob@example.org"]
    assert "Whale Lab" in mail.subject
    assert re.search(r"/my/organizations/join/(\w+)", mail.body)[1] == word(sent)
    with pytest.raises(LicetError, match="another address"):
        invitations.accept(word(sent), eve.account, lab.by(eve))
    row = invitations.accept(word(sent), bob.account, lab.by(bob))
    assert (row.role.name, row.person) == ("Member", bob)
    with pytest.raises(LicetError, match="any more"):
        invitations.accept(word(sent), bob.account, lab.by(bob))
    assert "password" not in mail.body and sent.link.reveal() not in repr(sent)


def test_a_forged_withdrawn_repeated_or_late_word_does_not_work(lab, hands: Hands) -> None:
    from licet.portal.organizations import invitations

    bob = lab.person("bob")

    def refused(text: str) -> None:
        assert invitations.good(text) is None
        with pytest.raises(LicetError, match="any more"):
            invitations.accept(text, bob.account, lab.by(bob))

    refused("0" * 33)
    first = invitations.invite(lab.actor(), "bob@example.org", lab.role("Member"))
    second = invitations.invite(lab.actor(), "bob@example.org", lab.role("Viewer"))
    refused(word(first))
    invitations.withdraw(lab.actor(), second.invitation)
    refused(word(second))
    third = invitations.invite(lab.actor(), "bob@example.org", lab.role("Viewer"))
    hands.forward(invitations.LASTS_S)
    refused(word(third))
    assert lab.made.memberships.count() == 1


def test_an_invitation_ends_with_the_right_of_whoever_sent_it(lab) -> None:
    from licet.portal.organizations import invitations, people

    lab.joins("bob", "Admin")
    sent = [invitations.invite(lab.actor("bob"), f"{n}@example.org", lab.role("Admin")) for n in ("cyd", "dan")]
    assert all(invitations.good(word(one)) for one in sent)
    people.change_role(lab.actor(), lab.row("bob"), lab.role("Member"))
    assert not any(invitations.good(word(one)) for one in sent)
    people.change_role(lab.actor(), lab.row("bob"), lab.role("Admin"))
    assert invitations.good(word(sent[0]))
    people.remove(lab.actor(), lab.row("bob"))
    assert not any(invitations.good(word(one)) for one in sent)


def test_inviting_tells_nobody_whether_there_is_an_account(lab, portal: PortalConfig) -> None:
    from licet.portal import mailbox
    from licet.portal.organizations import invitations

    lab.person("known")
    for name in ("known", "strange"):
        sent = invitations.invite(lab.actor(), f"{name}@example.org", lab.role("Viewer"))
        (mail,) = [m for m in mailbox.read(portal.mail_dir) if m.to == f"{name}@example.org"]
        assert mail.body.replace(name, "").replace(word(sent), "").rstrip() == BODY.rstrip()
    with pytest.raises(LicetError, match="member already"):
        invitations.invite(lab.actor(), "ADA@example.org", lab.role("Viewer"))


BODY = """\
You were invited to Whale Lab, in the role Viewer.

To join, open this link and sign in, or sign up, with this address (@example.org):

http://localhost:8000/my/organizations/join/

The link works once, for a week. If you expected no invitation, do nothing: nobody learns whether you have an account.
"""


def test_an_invitation_needs_a_confirmed_address(lab) -> None:
    from allauth.account.models import EmailAddress

    from licet.portal.organizations import invitations

    bob = lab.person("bob")
    EmailAddress.objects.filter(user=bob.account).update(verified=False)
    sent = invitations.invite(lab.actor(), "bob@example.org", lab.role("Viewer"))
    with pytest.raises(LicetError, match="another address"):
        invitations.accept(word(sent), bob.account, lab.by(bob))


def test_seats_are_those_of_the_tier_and_invitations_keep_them(lab, release: Path) -> None:
    from licet.portal import documents, events, tiers
    from licet.portal.organizations import invitations, people
    from licet.portal.organizations.acting import Refused

    documents.publish(LICET.replace(b'name = "free"\n', b'name = "free"\nseats = 2\n'), events.COMMAND, folder=release)
    lab.joins("bob", "Viewer")
    lab.joins("cyd", "Viewer")  # the tier is held at a document that says nothing of seats
    tiers.move("sana", events.COMMAND)
    with pytest.raises(Refused) as no:
        lab.joins("dan", "Viewer")
    assert no.value.verdict.code == "quota_exhausted"
    assert re.fullmatch(r"licet\.toml:\d+", no.value.verdict.because[0].cite)
    people.remove(lab.actor(), lab.row("cyd"))
    people.remove(lab.actor(), lab.row("bob"))
    sent = invitations.invite(lab.actor(), "bob@example.org", lab.role("Viewer"))
    with pytest.raises(Refused):
        invitations.invite(lab.actor(), "cyd@example.org", lab.role("Viewer"))
    invitations.accept(word(sent), lab.person("bob").account, lab.by(lab.person("bob")))


def test_the_last_owner_can_neither_leave_nor_be_deleted_until_another_owns_it(lab) -> None:
    from licet.portal import accounts, events
    from licet.portal.organizations import people

    lab.joins("bob", "Member")
    for act in (
        lambda: people.leave(lab.row("ada"), lab.by(lab.ada)),
        lambda: people.remove(lab.actor(), lab.row("ada")),
        lambda: people.change_role(lab.actor(), lab.row("ada"), lab.role("Admin")),
        lambda: accounts.delete(lab.ada, events.By(lab.ada.pk)),
    ):
        with pytest.raises(LicetError, match="no owner"):
            act()
    lab.ada.refresh_from_db()
    assert lab.ada.deleted_s is None
    people.hand_over(lab.actor(), lab.row("bob"))
    assert (lab.row("bob").role.name, lab.row("ada").role.name) == ("Owner", "Admin")
    accounts.delete(lab.ada, events.By(lab.ada.pk))
    assert [str(row) for row in lab.made.memberships.filter(ended_s=None)] == ["bob@example.org"]


def test_a_deleted_account_leaves_no_address_in_invitations(lab) -> None:
    from licet.portal import accounts, events
    from licet.portal.organizations import invitations
    from licet.portal.organizations.models import Invitation

    lab.joins("bob", "Member")
    accounts.delete(lab.person("bob"), events.COMMAND)
    invitations.invite(lab.actor(), "cyd@example.org", lab.role("Viewer"))
    assert [i.email for i in Invitation.objects.order_by("made_s", "id")] == [
        "deleted@invalid.invalid",
        "cyd@example.org",
    ]


def test_a_deleted_organization_ends_its_keys_and_leaves_no_name(lab, directory: SqliteDirectory) -> None:
    from licet.portal.models import Holder
    from licet.portal.organizations import founding, invitations
    from licet.portal.organizations.models import Organization

    lab.joins("bob", "Member")
    made = lab.key("bob")
    sent = invitations.invite(lab.actor(), "cyd@example.org", lab.role("Viewer"))
    founding.delete(lab.actor())
    assert directory.standing(lab.made.pk, "sana") is None
    assert directory.credential(made.secret.digest).revoked_s is not None
    assert invitations.good(word(sent)) is None
    assert Holder.objects.get(pk=lab.made.pk).deleted_s is not None
    assert Organization.objects.get(pk=lab.made.pk).name == "(deleted)"


def test_nobody_founds_free_tiers_without_end(lab) -> None:
    from licet.portal.organizations import founding
    from licet.portal.organizations.acting import member

    for name in ("Second", "Third"):
        last = founding.found(lab.ada, name, lab.by(lab.ada))
    founding.delete(member(last.memberships.get(), lab.by(lab.ada)))  # to end one gives no other
    with pytest.raises(LicetError, match="founded 3"):
        founding.found(lab.ada, "Fourth", lab.by(lab.ada))


def test_every_act_is_an_event_of_the_organization_and_of_whom_it_concerns(lab) -> None:
    from licet.portal.models import Event
    from licet.portal.organizations import founding, people, roles

    lab.joins("bob", "Member")
    roles.remove(
        lab.actor(), roles.change(lab.actor(), roles.make(lab.actor(), "X", ["read:tier"]), "Y", ["read:tier"])
    )
    people.change_role(lab.actor(), lab.row("bob"), lab.role("Viewer"))
    people.remove(lab.actor(), lab.row("bob"))
    founding.rename(lab.actor(), "Dolphin Lab")
    told = list(Event.objects.filter(holder=lab.made.holder).order_by("id").values_list("what", flat=True))
    assert told == [
        "organization.founded", "tier.given", "member.joined", "member.invited", "member.joined", "role.made",
        "role.changed", "role.removed", "member.moved", "member.removed", "organization.renamed",
    ]  # fmt: skip
    bobs = Event.objects.filter(holder=lab.person("bob"), what__startswith="member").order_by("id")
    assert [e.what for e in bobs] == ["member.joined", "member.moved", "member.removed"]


def test_a_seat_that_went_between_invitation_and_acceptance_is_gone(lab, release: Path) -> None:
    from licet.portal import documents, events, tiers
    from licet.portal.organizations import invitations
    from licet.portal.organizations.acting import Refused

    bob = lab.person("bob")
    sent = invitations.invite(lab.actor(), "bob@example.org", lab.role("Member"))
    documents.publish(LICET.replace(b'name = "free"\n', b'name = "free"\nseats = 1\n'), events.COMMAND, folder=release)
    tiers.move("sana", events.COMMAND)
    with pytest.raises(Refused):
        invitations.accept(word(sent), bob.account, lab.by(bob))
    tiers.give(lab.made.holder, "sana", "premium", events.COMMAND)
    assert invitations.accept(word(sent), bob.account, lab.by(bob)).person == bob  # and the word was not used up
