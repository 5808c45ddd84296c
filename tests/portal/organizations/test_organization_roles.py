"""Roles: nobody makes, gives or changes more than he has; a change holds for everybody in the role."""

from __future__ import annotations

import pytest

from licet.access.role import ACTS, OWNS, SETS_SIGN_IN
from licet.errors import LicetError
from licet.portal.directory import SqliteDirectory


def test_the_roles_that_all_have_are_made_of_acts_of_the_vocabulary(lab) -> None:
    from licet.access.role import unknown
    from licet.portal.organizations import roles

    found = {role.name: frozenset(role.acts) for role in roles.of(lab.made)}
    assert list(found) == ["Owner", "Admin", "Billing", "Member", "Viewer"]
    assert found["Owner"] == frozenset(ACTS)
    assert found["Admin"] == frozenset(ACTS) - {OWNS, SETS_SIGN_IN}
    assert found["Viewer"] < found["Billing"] < found["Admin"]
    assert found["Viewer"] < found["Member"] < found["Admin"]
    assert not any(unknown(acts) for acts in found.values())


def test_a_custom_role_takes_only_acts_of_its_author(lab) -> None:
    from licet.portal.organizations import roles
    from licet.portal.organizations.acting import Refused

    lab.joins("bob", "Admin")
    made = roles.make(lab.actor("bob"), "Caller", ["call:features", "read:usage"])
    assert made.acts == ["call:features", "read:usage"]
    with pytest.raises(Refused) as no:
        roles.make(lab.actor("bob"), "Usurper", ["call:features", OWNS])
    assert (no.value.act, no.value.verdict.code) == (OWNS, "role_forbids")
    assert [c.cite for c in no.value.verdict.because] == ["role: Admin of Whale Lab"]


def test_a_role_that_owns_may_do_everything_or_its_only_owner_could_never_mend_it(lab) -> None:
    from licet.portal.organizations import roles

    made = roles.make(lab.actor(), "Co-owner", sorted(ACTS))
    for act in (
        lambda: roles.make(lab.actor(), "Keeper", [OWNS, "manage:keys"]),
        lambda: roles.change(lab.actor(), made, "Co-owner", sorted(ACTS.keys() - {"manage:roles"})),
    ):
        with pytest.raises(LicetError, match="may do everything in it") as no:
            act()
        assert "`manage:roles`" in no.value.mend and "leave `own:organization` out" in no.value.mend
    assert roles.find(lab.made, "Co-owner").acts == sorted(ACTS)


def test_an_admin_can_neither_change_remove_nor_become_an_owner(lab) -> None:
    from licet.portal.organizations import people, roles
    from licet.portal.organizations.acting import Refused

    lab.joins("bob", "Admin")
    lab.joins("cyd", "Owner")
    bob = lab.actor("bob")
    owners = roles.make(lab.actor(), "Co-owner", sorted(ACTS))
    for act in (
        lambda: people.change_role(bob, lab.row("cyd"), lab.role("Viewer")),
        lambda: people.change_role(bob, lab.row("bob"), lab.role("Owner")),
        lambda: people.remove(bob, lab.row("ada")),
        lambda: people.hand_over(bob, lab.row("bob")),
        lambda: roles.change(bob, owners, "Co-owner", ["call:features"]),
        lambda: roles.remove(bob, owners),
        lambda: lab.joins("dan", "Owner", by="bob"),
        lambda: lab.joins("dan", "Co-owner", by="bob"),
    ):
        with pytest.raises(Refused):
            act()
    assert {row.role.name for row in lab.made.memberships.filter(ended_s=None)} == {"Owner", "Admin"}


def test_nobody_widens_the_role_he_is_in(lab) -> None:
    from licet.portal.organizations import roles
    from licet.portal.organizations.acting import Refused

    lab_role = roles.make(lab.actor(), "Clerk", ["read:members", "manage:roles", "call:features"])
    lab.joins("bob", "Clerk")
    with pytest.raises(Refused):
        roles.change(lab.actor("bob"), lab_role, "Clerk", [*lab_role.acts, "manage:members"])
    roles.change(lab.actor("bob"), lab_role, "Clerk", ["read:members", "manage:roles"])  # narrower is allowed
    with pytest.raises(Refused):
        roles.change(lab.actor("bob"), lab_role, "Clerk", ["read:members", "manage:roles", "call:features"])


def test_a_role_of_all_organizations_and_one_of_another_cannot_be_changed(lab) -> None:
    from licet.portal.organizations import founding, roles
    from licet.portal.organizations.acting import member

    other = founding.found(lab.person("eve"), "Eve's Lab", lab.by(lab.person("eve")))
    eve = member(other.memberships.get(), lab.by(lab.person("eve")))
    mine = roles.make(lab.actor(), "Caller", ["call:features"])
    for role in (lab.role("Viewer"), mine):
        with pytest.raises(LicetError, match="not a custom role"):
            roles.change(eve, role, "Mine", ["call:features"])
        with pytest.raises(LicetError, match="not a custom role"):
            roles.remove(eve, role)
    with pytest.raises(LicetError, match="no role"):
        roles.find(other, mine.pk)


@pytest.mark.parametrize("acts", [["call:everything"], ["*"], ["call:features", "CALL:FEATURES"], []])
def test_the_vocabulary_is_closed(lab, acts: list[str]) -> None:
    from licet.portal.organizations import roles

    with pytest.raises(LicetError):
        roles.make(lab.actor(), "Odd", acts)


@pytest.mark.parametrize(
    "name", ["", " ", "Owner", "owner ", "x" * 41, "a\x1bb", "see http://evil.example", "a\u202eb", "<b>"]
)
def test_a_role_has_a_name_of_its_own_that_hides_nothing(lab, name: str) -> None:
    from licet.portal.organizations import roles

    with pytest.raises(LicetError):
        roles.make(lab.actor(), name, ["call:features"])


def test_a_role_that_somebody_has_is_not_removed(lab) -> None:
    from licet.portal.organizations import people, roles

    caller = roles.make(lab.actor(), "Caller", ["call:features"])
    row = lab.joins("bob", "Caller")
    with pytest.raises(LicetError, match="somebody has"):
        roles.remove(lab.actor(), caller)
    people.change_role(lab.actor(), row, lab.role("Viewer"))
    roles.remove(lab.actor(), caller)
    assert [r.name for r in roles.of(lab.made)][-1] == "Viewer"


def test_a_role_changed_is_changed_for_every_key_in_it_and_for_no_other(lab, directory: SqliteDirectory) -> None:
    from licet.portal.organizations import roles
    from licet.terms import Answer, Ask, may

    caller = roles.make(lab.actor(), "Caller", ["call:features", "make:keys"])
    lab.joins("bob", "Caller")
    lab.joins("cyd", "Member")
    bobs, cyds = lab.key("bob"), lab.key("cyd")
    before, after = directory.credential(cyds.secret.digest), directory.last_change()
    roles.change(lab.actor(), caller, "Caller", ["make:keys"])
    assert [(c.what, c.ref) for c in directory.changes(after)] == [("credential", bobs.secret.digest.hex())]
    role = directory.credential(bobs.secret.digest).role
    assert may(role, Ask("call:features", "", frozenset(), {})).answer is Answer.NO
    assert directory.credential(cyds.secret.digest) == before


def test_the_documentation_says_what_the_roles_may(lab) -> None:
    from pathlib import Path

    from licet.portal.organizations import roles

    text = (Path(__file__).parents[3] / "docs" / "organizations.md").read_text()
    told = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")
    ]
    assert {row[0].strip("`"): row[1] for row in told} == dict(ACTS)
    for n, role in enumerate(roles.of(lab.made)):
        assert {row[0].strip("`") for row in told if row[2 + n] == "yes"} == set(role.acts), role.name
