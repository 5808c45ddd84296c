"""A key is narrowed to addresses and to a budget where it is made, and what was said reaches the gate as it was said."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from tests.portal.test_pages_of_mine import client, make, the_key

from licet.access.key import digest
from licet.access.standing import Budget
from licet.errors import LicetError
from licet.portal.directory import SqliteDirectory


def ada() -> Any:
    from licet.portal import accounts, events

    return accounts.create("ada@example.org", None, events.COMMAND)


def test_the_bounds_of_a_key_reach_the_gate_and_stay_when_it_is_rotated(
    release: Path, directory: SqliteDirectory
) -> None:
    from licet.portal import events, keys

    made = keys.make(ada(), "laptop", events.COMMAND, networks=["10.1.2.3/8", "2001:DB8::/32", "10.0.0.0/8"],
                     budgets=["100 calls / day", "5 calls / day", "9 units / month"])  # fmt: skip
    again = keys.rotate(made.key, events.COMMAND)
    for secret in (made.secret, again.secret):
        found = directory.credential(secret.digest)
        assert found is not None
        assert found.narrow.networks == (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))
        assert found.narrow.budgets == (Budget(5, "calls", "day"), Budget(9, "units", "month"))


@pytest.mark.parametrize(
    "given, kept",
    [(" lap  top\n", "lap top"), ("lap\u202etop\u2066\x00", "laptop"), ("\u200b\u3164", "key"), ("x" * 200, "x" * 80)],
)
def test_the_name_of_a_key_hides_nothing_and_turns_no_page_around(release: Path, given: str, kept: str) -> None:
    """An organization's owners and the operator read it."""
    from licet.portal import events, keys

    assert keys.make(ada(), given, events.COMMAND).key.name == kept


@pytest.mark.parametrize(
    "bounds, says",
    [
        ({"networks": ["home"]}, "not an address"),
        ({"networks": [f"10.0.{n}.0/24" for n in range(21)]}, "at most 20"),
        ({"budgets": ["many calls / day"]}, "cannot read the quota"),
        ({"budgets": ["5 calls / fortnight"]}, "unknown period"),
        ({"budgets": ["5 downloads / day"]}, "counts no `downloads`"),
    ],
)
def test_bounds_that_make_no_sense_are_told(release: Path, bounds: dict[str, list[str]], says: str) -> None:
    from licet.portal import events, keys
    from licet.portal.models import Key

    with pytest.raises(LicetError, match=says):
        keys.make(ada(), "laptop", events.COMMAND, **bounds)
    assert not Key.objects.exists()


def test_the_page_takes_bounds_and_shows_them(release: Path, directory: SqliteDirectory) -> None:
    from licet.portal.models import Key

    browser = client("ada@example.org")
    answer = make(browser, networks="10.0.0.0/8, ::1", budgets="100 calls / day")
    found = directory.credential(digest(the_key(answer.content.decode())))
    assert found is not None and found.narrow.budgets == (Budget(100, "calls", "day"),)
    page = browser.get(f"/my/keys/{Key.objects.get().pk}").content.decode()
    assert "10.0.0.0/8, ::1/128" in page
    assert "100 calls / day" in page
    wrong = make(browser, networks="home")
    assert wrong.status_code == 422
    assert "not an address or network" in wrong.content.decode()


def test_the_portals_own_paths_ask_for_the_address_too(release: Path) -> None:
    from licet.portal import events, keys

    secret = keys.make(ada(), "laptop", events.COMMAND, networks=["192.0.2.0/24"]).secret
    headers = {"Authorization": f"Bearer {secret.reveal()}"}
    assert client().get("/v1/acceptances", headers=headers, REMOTE_ADDR="192.0.2.7").status_code == 200
    refused = client().get("/v1/acceptances", headers=headers, REMOTE_ADDR="198.51.100.1")
    assert refused.status_code == 403
    assert refused.json()["code"] == "key_out_of_scope"


def test_networks_are_somebodys_own_and_go_with_the_account(release: Path, directory: SqliteDirectory) -> None:
    from licet.portal import accounts, audit, events, keys
    from licet.portal.models import CredentialRow, Event, Key

    holder = ada()
    keys.make(holder, "laptop", events.COMMAND, networks=["192.0.2.7"], budgets=["5 calls / day"])
    made = Event.objects.get(what="key.made")
    assert made.said["networks"] == ["192.0.2.7/32"]
    assert made.detail["budgets"] == [{"limit": 5, "meter": "calls", "period": "day"}]
    accounts.delete(holder, events.COMMAND)
    kept = [str(Key.objects.values()), str(CredentialRow.objects.values()), str([e.row() for e in Event.objects.all()])]
    assert "192.0.2.7" not in "".join(kept)
    assert audit.verify().broken == ()
