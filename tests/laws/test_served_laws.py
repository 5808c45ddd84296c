"""Laws of what is served, on random releases over the real shelf."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import event, given, settings
from hypothesis import strategies as st
from releases import FEATURES, VALUES, counts, credentials, grants, moments, releases, standings

from licet.access.grant import by_program, grant
from licet.access.standing import Credential, Narrow, Standing
from licet.access.table import Tables, anonymous
from licet.release.policy import ANONYMOUS
from licet.release.release import Release
from licet.terms import Answer


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Release, Standing, Credential | None]:
    release = draw(releases())
    standing = draw(standings(release))
    if ANONYMOUS in standing.claims:
        return release, standing, None
    if draw(st.integers(0, 2)) == 0:
        standing = replace(standing, grants=(draw(grants()),))
    return release, standing, draw(credentials(release))


features = st.sampled_from(FEATURES)
often = settings(max_examples=max(300, settings.default.max_examples))


def component(release: Release, feature: str) -> str:
    found = release.feature(feature)
    assert found
    return found.serves[0]


@often
@given(scenes(), features, counts, moments)
def test_no_served_slot_depends(
    scene: tuple[Release, Standing, Credential | None], feature: str, used: dict[str, int], now_s: int
) -> None:
    """For a release that loads and a standing that is complete the gate never meets DEPENDS, whatever the license."""
    release, standing, credential = scene
    verdict = Tables().of(release, standing, credential).refusal(feature, component(release, feature), now_s, used)
    event(f"{verdict.answer.name} {verdict.code}")
    assert verdict.answer is not Answer.DEPENDS


@often
@given(scenes(), features, counts, moments, moments)
def test_the_table_says_what_may_says(
    scene: tuple[Release, Standing, Credential | None], feature: str, used: dict[str, int], now_s: int, later: int
) -> None:
    release, standing, credential = scene
    table = Tables().of(release, standing, credential)
    table.slot(feature, component(release, feature), min(now_s, later))
    for moment in sorted((now_s, later)):  # the second finds a slot there, fresh or stale
        way = table.slot(feature, component(release, feature), moment).taken(used)
        verdict = table.refusal(feature, component(release, feature), moment, used)
        assert (verdict.answer is Answer.YES) == (way is not None)
        if way is not None:
            assert set(way.yes.duties) == set(verdict.duties)
        else:
            assert verdict.because
            assert all(c.cite for c in verdict.because)


@often
@given(st.data(), scenes(), st.none() | releases("1" * 64), features, counts, moments)
def test_whoever_takes_an_offered_way_is_answered_yes(
    data: st.DataObject,
    scene: tuple[Release, Standing, Credential | None],
    next_document: Release | None,
    feature: str,
    used: dict[str, int],
    now_s: int,
) -> None:
    """Whoever moves to a tier holds it at the newest document; whoever mends something stays where he was."""
    held, standing, credential = scene
    newest = next_document or held
    where = component(held, feature)
    table = Tables().of(held, standing, credential, newest)
    if table.refusal(feature, where, now_s, used).answer is Answer.YES:
        return
    offered = table.offers(feature, where, now_s, used)
    event(f"offers: {len(offered)}, {'another' if next_document else 'the same'} document")
    for offer in offered:
        moves = offer.kind == "tier" or (offer.kind == "program" and not standing.tier)
        document = newest if moves else held
        there, key = taken(data, document, standing, credential, offer.kind, offer.name, offer.detail, newest)
        after = Tables().of(document, there, key, newest).refusal(feature, where, now_s, used)
        assert after.answer is Answer.YES, (offer, after)


def taken(
    data: st.DataObject,
    release: Release,
    standing: Standing,
    credential: Credential | None,
    kind: str,
    name: str,
    detail: str,
    newest: Release,
) -> tuple[Standing, Credential]:
    """Does what the offer's words say, and nothing else."""
    key = credential or Credential("key_2", "hol_1")
    if kind == "tier":
        tier = release.tier(name)
        assert tier
        approved = {f"approved:{name}": True} if tier.requires_approval else {}
        approved |= {f"paid:{name}": True} if tier.price else {}
        claims = {c for c in standing.claims if c != ANONYMOUS and not c.startswith("tier:")}
        standing = replace(
            standing,
            tier=name,
            claims=frozenset({*claims, "account", f"tier:{name}"}),
            facts={**standing.facts, **approved},
        )
    if kind == "program":
        if first := re.findall(r"tier `(.+?)`", detail):  # said where none is held
            claims = {c for c in standing.claims if c != ANONYMOUS}
            named = frozenset({*claims, "account", f"tier:{first[0]}"})
            standing = replace(standing, tier=first[0], claims=named)
        program = newest.program(name)
        assert program
        whose = f"holder:{standing.holder_id or 'hol_2'}"
        given = grant(by_program(newest, program, "grant_1", whose))
        standing = replace(standing, claims=standing.claims | {whose}, grants=(*standing.grants, given))
    if kind == "cap":
        standing = replace(standing, cap_nanos=None)
    for owed in re.findall(r"pay what is owed for tier `(.+?)`", detail):
        standing = replace(standing, facts={**standing.facts, f"paid:{owed}": True})
    for license in re.findall(r"(?:^|then )accept (.+?)(?=, then|$)", detail):
        standing = replace(standing, facts={**standing.facts, f"accepted:{license}": True})
    for fact in re.findall(r"a key that states: `(\w+)`", detail):
        key = replace(key, facts={**key.facts, fact: data.draw(VALUES[fact])})
    if "not narrowed" in detail:
        key = replace(key, narrow=Narrow())
    return standing, key


@given(scenes(), features, counts, moments)
def test_an_offer_is_never_a_tier_that_is_held(
    scene: tuple[Release, Standing, Credential | None], feature: str, used: dict[str, int], now_s: int
) -> None:
    release, standing, credential = scene
    offered = Tables().of(release, standing, credential).offers(feature, component(release, feature), now_s, used)
    assert ("tier", standing.tier) not in {(o.kind, o.name) for o in offered}


@given(scenes(), grants(), features, counts, moments)
def test_a_grant_or_acceptance_taken_away_leaves_the_verdict_from_before(
    scene: tuple[Release, Standing, Credential | None], grant: object, feature: str, used: dict[str, int], now_s: int
) -> None:
    release, standing, credential = scene
    tables, where = Tables(), component(release, feature)
    bare = replace(
        standing, grants=(), facts={f: v for f, v in standing.facts.items() if not f.startswith("accepted:")}
    )
    before = tables.of(release, bare, credential).refusal(feature, where, now_s, used)
    given_more = replace(bare, grants=(grant,), facts={**bare.facts, "accepted:MIT": True})  # type: ignore[arg-type]
    more = tables.of(release, given_more, credential).refusal(feature, where, now_s, used)
    assert more.answer >= before.answer
    again = replace(given_more, grants=(), facts=bare.facts)
    assert tables.of(release, again, credential).refusal(feature, where, now_s, used) == before


@given(scenes())
def test_equal_standings_share_one_table(scene: tuple[Release, Standing, Credential | None]) -> None:
    release, standing, credential = scene
    tables = Tables()
    first = tables.of(release, standing, credential)
    other = replace(standing, holder_id="hol_2", anchor_s=77, until_s=None, facts=dict(standing.facts))
    assert tables.of(release, other, credential and replace(credential, key_id="key_9")) is first
    assert len(tables) == 1


def test_the_least_used_table_is_dropped_first() -> None:
    tables = Tables(most=2)
    release = Release("sana", "1", "Lab", "0" * 64)
    kept = tables.of(release, anonymous(release))
    for tier in ("a", "b"):
        tables.of(release, anonymous(release))
        tables.of(release, Standing("h", "sana", tier, release.sha256, frozenset({"account"})))
    assert len(tables) == 2
    assert tables.of(release, anonymous(release)) is kept
