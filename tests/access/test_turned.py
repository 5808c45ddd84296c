"""Who gains and who loses by a change of the document: quotas, duties and prices alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from licet.access.standing import Standing
from licet.access.whatif import Kin, Side, touched, turned
from licet.release.document import read

TEXT = (Path(__file__).parents[1] / "cases" / "sana.toml").read_text()


def side(text: str, tier: str) -> Side:
    release = read(text.encode())
    claims = frozenset({"account", f"tier:{tier}"})
    facts = {f"approved:{tier}": True, f"paid:{tier}": True}
    return Side(release, Standing("hol_1", release.name, tier, release.sha256, claims, facts))


@pytest.mark.parametrize(
    ("old", "new", "way"),
    [
        ("0.40 EUR / 1000 calls", "0.80 EUR / 1000 calls", "differs"),  # a dearer price is another duty
        ('overage = ["0.40 EUR / 1000 calls"]\n', "", "loses"),  # what could be paid for stops
        ("100000 calls / month", "100001 calls / month", "gains"),
        ("100000 calls / month", "99999 calls / month", "loses"),
    ],
)
def test_a_change_of_quota_or_price_is_told(old: str, new: str, way: str) -> None:
    assert old in TEXT
    before, after = side(TEXT, "premium"), side(TEXT.replace(old, new), "premium")
    kin = Kin(before.standing, 3)
    found = [one for one in turned(kin, before, after, 0) if one.action == "look"]
    assert [one.way for one in found] == [way]
    back = [one.way for one in turned(kin, after, before, 0) if one.action == "look"]
    assert back == [{"gains": "loses", "loses": "gains", "differs": "differs"}[way]]
    assert (touched(found), touched(found, way), touched(found, "gains" if way != "gains" else "loses")) == (3, 3, 0)


def test_where_both_sides_are_the_same_nothing_is_told() -> None:
    before = side(TEXT, "premium")
    assert list(turned(Kin(before.standing, 1), before, before, 0)) == []
    other = replace(before, standing=replace(before.standing, holder_id="hol_2"))
    assert list(turned(Kin(before.standing, 1), before, other, 0)) == []
