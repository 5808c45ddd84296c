"""Random releases over the real shelf, and who may stand before them."""

from __future__ import annotations

from hypothesis import strategies as st

from licet.access.standing import Credential, Grant, Narrow, Standing
from licet.access.table import anonymous
from licet.licenses.expression import policy
from licet.licenses.shelf import known
from licet.release.release import Anonymous, Component, Feature, Price, Program, Quota, Release, Tier, Upstream
from licet.terms import CLOCK, METER, Clause, Fact, Says, Terms, clauses_of
from licet.terms.clause import Scalar

CHANGE_S = 1_000
FEATURES = ("look", "chat", "fetch")
TIERS = ("free", "research", "premium")
DECLARABLE = ("commercial", "country", "monthly_active_users", "academic")
VALUES: dict[str, st.SearchStrategy[Scalar]] = {
    "commercial": st.booleans(),
    "country": st.sampled_from(("DE", "KR", "US")),
    "monthly_active_users": st.sampled_from((10, 800_000_000)),
    "academic": st.booleans(),
}
# Licenses that forbid some outputs under some facts come often: there the gate could be tempted to guess.
forbidding = sorted(
    id
    for id in known()
    for c in clauses_of(policy(id))
    if c.says is Says.CANNOT and c.when and "use-outputs" in (c.actions or ())
)
license_ids = st.sampled_from(
    ("MIT", *known(), "LicenseRef-Nobody-Read-This", "MIT OR CC-BY-NC-4.0")
) | st.sampled_from(forbidding)
COUNTERS = ("calls/month", "calls/day", "units/month")


@st.composite
def components(draw: st.DrawFn, name: str, line: int) -> Component:
    if draw(st.integers(0, 5)) == 0:
        return Component(name, "weights", line, proprietary=True)
    changes = draw(st.booleans())
    upstream = draw(st.lists(license_ids, max_size=1))
    return Component(
        name,
        "weights",
        line,
        license=draw(license_ids),
        accept=draw(st.booleans()),
        upstream=tuple(Upstream("base", one, line + 1) for one in upstream),
        change_s=CHANGE_S if changes else None,
        change_license="Apache-2.0" if changes else None,
    )


@st.composite
def quotas(draw: st.DrawFn, line: int) -> tuple[Quota, ...]:
    chosen = draw(st.lists(st.sampled_from(COUNTERS), unique=True, max_size=2))
    return tuple(
        Quota(*counter.split("/")[:1], draw(st.integers(0, 3)), counter.split("/")[1], line + n)  # type: ignore[arg-type]
        for n, counter in enumerate(chosen)
    )


@st.composite
def tiers(draw: st.DrawFn, name: str, line: int) -> Tier:
    carried = draw(st.dictionaries(st.sampled_from(("weights", "data")), license_ids, max_size=1))
    priced = draw(st.booleans())
    return Tier(
        name,
        line,
        draw(st.frozensets(st.sampled_from(FEATURES))),
        requires_approval=draw(st.booleans()),
        quotas=draw(quotas(line + 2)),
        overage=tuple(Price(400_000, "EUR", line + 5, 1000, "calls") for _ in range(draw(st.integers(0, 1)))),
        price=Price(draw(st.integers(1, 9)) * 1_000_000, "EUR", line + 6, unit="month") if priced else None,
        licenses=carried,
    )


@st.composite
def releases(draw: st.DrawFn, sha256: str = "0" * 64) -> Release:
    strangers = draw(st.booleans())
    return Release(
        name="sana",
        version="1",
        licensor="Lab",
        sha256=sha256,
        line=1,
        declare=tuple(draw(st.lists(st.sampled_from(DECLARABLE), unique=True, max_size=2))),
        components=(draw(components("weights", 10)), draw(components("data", 20))),
        features=(
            Feature("look", 30, ("weights",), call="x:y"),
            Feature("chat", 33, ("data", "weights"), call="x:y"),
            Feature("fetch", 36, ("data",), download="data"),
        ),
        tiers=tuple(draw(tiers(name, 50 + 10 * n)) for n, name in enumerate(TIERS)),
        anonymous=Anonymous(40, draw(st.frozensets(st.sampled_from(FEATURES))), draw(quotas(41)))
        if strangers
        else None,
        programs=draw(programs()),
    )


@st.composite
def programs(draw: st.DrawFn) -> tuple[Program, ...]:
    """None or one, perhaps narrowed to a component, perhaps with a quota of its own."""
    if draw(st.booleans()):
        return ()
    opened = draw(st.frozensets(st.sampled_from(FEATURES), min_size=1))
    narrowed = draw(st.none() | st.just(frozenset({"data"})))
    limits = tuple(Quota("calls", draw(st.integers(1, 3)), "month", 91) for _ in range(draw(st.integers(0, 1))))
    return (Program("art", 90, opened, components=narrowed, quotas=limits),)


@st.composite
def standings(draw: st.DrawFn, release: Release) -> Standing:
    """Any standing: without an account, with a tier, awaiting another, suspended, with texts accepted."""
    if draw(st.integers(0, 4)) == 0:
        return anonymous(release)
    held, awaited = draw(st.sampled_from((*TIERS, "gold"))), draw(st.none() | st.sampled_from(TIERS))
    claims = {"account", f"tier:{held}", *({f"tier:{awaited}"} if awaited else ())}
    if draw(st.integers(0, 9)) == 0:
        claims.add("suspended")
    facts: dict[str, Scalar] = {f"approved:{held}": True, f"paid:{held}": draw(st.integers(0, 3)) > 0}
    if awaited and awaited != held:
        facts[f"approved:{awaited}"] = False
    for component in release.components:
        if component.license and draw(st.booleans()):
            facts[f"accepted:{component.license}"] = True
    cap_nanos = draw(st.none() | st.integers(0, 3))
    return Standing("hol_1", release.name, held, release.sha256, frozenset(claims), facts, cap_nanos=cap_nanos)


@st.composite
def credentials(draw: st.DrawFn, release: Release) -> Credential:
    """A key that declares what its release asks for."""
    narrow = draw(st.none() | st.frozensets(st.sampled_from(FEATURES)))
    return Credential(
        "key_1", "hol_1", narrow=Narrow(features=narrow), facts={name: draw(VALUES[name]) for name in release.declare}
    )


@st.composite
def grants(draw: st.DrawFn) -> Grant:
    """One *can* of this holder's own, with an end and perhaps a quota."""
    when = [Fact(CLOCK, "<=", draw(st.integers(500, 1_500)))]
    if draw(st.booleans()):
        when.append(Fact(f"{METER}grant:g1", "<=", draw(st.integers(0, 2))))
    can = Clause(
        Says.CAN, draw(st.frozensets(st.sampled_from(FEATURES), min_size=1)), when=tuple(when), cite="grant g1"
    )
    return Grant("g1", Terms("grant g1", (can,)))


counts = st.fixed_dictionaries({f"{METER}{c}": st.integers(1, 5) for c in (*COUNTERS, "spend/month", "grant:g1")})
moments = st.sampled_from((0, 600, CHANGE_S - 1, CHANGE_S, 1_400))
