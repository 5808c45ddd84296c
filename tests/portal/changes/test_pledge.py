"""What was accepted is not withdrawn from versions somebody has, where the terms held pledge it: at the gate."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.portal.changes.world import PLEDGED, holder, in_days, publish
from tests.portal.conftest import LICET, Hands
from tests.portal.organizations.test_organization_at_the_gate import Running

from licet.portal.config import PortalConfig
from licet.portal.directory import SqliteDirectory

ALLOWED = PLEDGED.replace(b"demo.features:basic", b"whales:count").replace(b"demo.features:advanced", b"whales:count")
LESS = ALLOWED.replace(b'features = ["basic"]', b'features = ["advanced"]')
WITHDRAWN = LESS.replace(b"pledge = true", b"pledge = false")


@pytest.fixture
def folder(portal: PortalConfig, tmp_path: Path) -> Path:
    (tmp_path / "LICENSES").mkdir()
    (tmp_path / "LICENSES" / "CC-BY-NC-4.0.txt").write_text("The text.\n")
    return tmp_path


@pytest.mark.parametrize("later", [LESS, WITHDRAWN], ids=["pledged", "withdrawn"])
def test_a_holder_of_pledged_terms_keeps_them_at_the_gate_whatever_the_operator_does(
    gate: Running,
    folder: Path,
    hands: Hands,
    later: bytes,
) -> None:
    from licet.portal import events, keys, tiers
    from licet.portal.changes import moving

    publish(folder, ALLOWED)
    ada = holder()
    key = keys.make(ada, "k", events.COMMAND, declared={"commercial": False})
    assert gate.call(key) == (200, "")
    publish(folder, later, at_once="we changed our mind")
    assert moving.move("sana", events.COMMAND, at_once="and we mean it") == moving.Moved(0, 1)
    assert gate.call(key) == (200, "")
    tiers.give(ada, "sana", "free", events.COMMAND)  # the console's way to move one
    assert gate.call(key) == (200, "")
    eve = holder("eve")
    other = keys.make(eve, "k", events.COMMAND, declared={"commercial": False})
    assert gate.call(other) == (403, "feature_not_in_tier"), "who comes later has the later terms"
    tiers.give(ada, "sana", "free", events.By(ada.pk))  # by her own will
    assert gate.call(key) == (403, "feature_not_in_tier")


def test_without_a_pledge_the_same_acts_take_the_feature_away(gate: Running, folder: Path) -> None:
    from licet.portal import events, keys
    from licet.portal.changes import moving

    plain = ALLOWED.replace(b"pledge = true", b"notice_days = 0")
    publish(folder, plain)
    key = keys.make(holder(), "k", events.COMMAND, declared={"commercial": False})
    publish(folder, plain.replace(b'features = ["basic"]', b'features = ["advanced"]'))
    assert moving.move("sana", events.COMMAND) == moving.Moved(1, 0)
    assert gate.call(key) == (403, "feature_not_in_tier")


@pytest.mark.parametrize("pledged", [True, False])
def test_a_text_that_comes_later_takes_back_no_acceptance_of_a_pledged_document(
    folder: Path, portal: PortalConfig, directory: SqliteDirectory, pledged: bool
) -> None:
    from licet.portal import acceptances, documents, events, readmodel, tiers

    # Without a notice nothing goes on meanwhile, whether a second has passed or not.
    body = PLEDGED if pledged else PLEDGED.replace(b"pledge = true", b"notice_days = 0")
    documents.publish(body, events.COMMAND, folder=folder)
    ada = holder()
    text = acceptances.text("sana", "weights", ada)
    assert text is not None
    acceptances.accept(ada, "sana", text.license, text.sha256, events.By(ada.pk), how="page")
    (folder / "LICENSES" / "CC-BY-NC-4.0.txt").write_text("Another text.\n")
    documents.publish(body, events.COMMAND, folder=folder)  # the same document, other words beside it
    readmodel.restate(ada)
    standing = directory.standing(ada.pk, "sana")
    assert standing is not None and ("accepted:CC-BY-NC-4.0" in standing.facts) is pledged
    documents.publish(body.replace(b"1.0.0", b"1.1.0"), events.COMMAND, folder=folder)
    tiers.move("sana", events.COMMAND)
    standing = directory.standing(ada.pk, "sana")
    assert standing is not None and ("accepted:CC-BY-NC-4.0" in standing.facts) is pledged


def test_a_pledge_moves_everybody_to_more(folder: Path, portal: PortalConfig, directory: SqliteDirectory) -> None:
    from licet.portal import events
    from licet.portal.changes import moving

    publish(folder, PLEDGED)
    holder()
    publish(folder, PLEDGED.replace(b"10 calls", b"20 calls"))
    assert moving.move("sana", events.COMMAND) == moving.Moved(1, 0)


def test_to_stop_pledging_is_a_stricter_change_with_notice(folder: Path, portal: PortalConfig, hands: Hands) -> None:
    publish(folder, PLEDGED)
    holder()
    given = publish(folder, LICET, from_s=in_days(hands, 30))
    assert given.kind == "change"
