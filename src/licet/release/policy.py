"""Which terms govern what? The one place that joins a release's terms into the policy of an action.

*Released* actions are the words of `terms/action.py`; *served* actions are the release's features by name, and
`download`. The shape of a served call's tree, and why it is so: `docs/decisions/0001-how-a-call-is-decided.md`. The
tree is the same for every holder of a document; who asks is told apart by claims and facts alone. Only the holder's own
grants and the narrowing of his key are built in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from licet.release.lent import HOLDERS, Lender
from licet.release.release import Anonymous, Component, Feature, Price, Quota, Release, Tier
from licet.terms import CLOCK, METER, AllOf, AnyOf, Clause, Fact, Policy, Says, Terms, clauses_of, lend
from licet.terms.action import DOWNLOAD
from licet.terms.plain import price_words

ANONYMOUS = "anonymous"
CALLS, FETCHES = "call:features", "download:components"  # what a role in an organization says of all features at once
SPEND = "spend/month"  # the counter of what calls past a quota cost, in billionths of the currency's unit
CAP = "cap: set by its holder"


def served(
    release: Release,
    feature: str,
    *,
    grants: Iterable[Policy] = (),
    narrow_features: frozenset[str] | None = None,
    role: Policy | None = None,
    cap_nanos: int | None = None,
    newest: bool = True,
) -> Policy:
    """Who may call a feature. KeyError for a feature that the release does not have.

    `grants` are the holder's own; `narrow_features` what his key was narrowed to; `role` the terms of the role in which a
    member calls for an organization; `cap_nanos` what the holder will pay past his quotas in a month, in billionths of the
    currency's unit (None: he set no cap); `newest` is False for a document that has a successor: its cites then name it
    (`licet.toml@3f2a9c:41`).
    """
    found = release.feature(feature)
    if found is None:
        raise KeyError(feature)
    tree = _Tree(release, newest)
    parts = [release.component(name) for name in found.serves]
    gates = (
        *tree.gatekeepers(feature, narrow_features, tree.opens(release.anonymous, [found])),
        *_in_role(role, CALLS, feature),
    )
    opened = tree.opened(feature, None, [found], tuple(grants), cap_nanos)
    accepted = [a for c in parts if c and found.download == c.name for a in tree.acceptance(c)]
    outputs = [tree.outputs(found, c) for c in parts if c and found.download != c.name]
    return AllOf((*gates, opened, *accepted, *outputs))


def download(
    release: Release,
    component: str,
    *,
    grants: Iterable[Policy] = (),
    narrow_features: frozenset[str] | None = None,
    role: Policy | None = None,
    cap_nanos: int | None = None,
    newest: bool = True,
) -> Policy:
    """Who may fetch a component's files: whoever has a feature that downloads it, once its license is accepted."""
    found = _component(release, component)
    tree = _Tree(release, newest)
    by = [f for f in release.features if f.download == component]
    narrowed = narrow_features
    if narrowed is not None and any(f.name in narrowed for f in by):
        narrowed = narrowed | {DOWNLOAD}
    gates = (
        *tree.gatekeepers(DOWNLOAD, narrowed, tree.opens(release.anonymous, by)),
        *_in_role(role, FETCHES, DOWNLOAD),
    )
    return AllOf((*gates, tree.opened(DOWNLOAD, component, by, tuple(grants), cap_nanos), *tree.acceptance(found)))


def released(
    release: Release, action: str, component: str, *, certificates: Sequence[Policy] = (), newest: bool = True
) -> Policy:
    """What the licenses say of an action: those of all upstreams, and the component's own or a certificate for it.

    `action` is not looked at: a license speaks of all actions at once. It stands here because whoever asks has it, and
    because a later release may say more of one action than of another. KeyError for an unknown component.
    """
    found = _component(release, component)
    tree = _Tree(release, newest)
    own = tree.licensed(found, lambda expression, _: tree.lender.whole(expression))
    upstream = tuple(tree.lender.whole(u.license) for u in found.upstream)
    return AllOf((*upstream, AnyOf((own, *certificates))))


def _in_role(role: Policy | None, act: str, action: str) -> tuple[Policy, ...]:
    """A role speaks of `call:features`, never of `basic_analysis`: it is lent to what is asked, as a license is."""
    return () if role is None else (lend(role, act, action),)


def _component(release: Release, name: str) -> Component:
    found = release.component(name)
    if found is None:
        raise KeyError(name)
    return found


@dataclass(frozen=True, slots=True)
class _Tree:
    """The branches of one document's trees."""

    release: Release
    newest: bool

    @property
    def lender(self) -> Lender:
        return Lender(frozenset(self.release.declare))

    def cite(self, line: int) -> str:
        name = self.release.path.replace("\\", "/").rpartition("/")[2] or "licet.toml"
        return f"{name}:{line}" if self.newest else f"{name}@{self.release.sha256[:6]}:{line}"

    # --- who comes in at all -----------------------------------------------------------------------------------------

    def gatekeepers(self, action: str, narrow: frozenset[str] | None, anonymous: bool) -> Iterator[Policy]:
        """Terms with one *can* for anything, and their *cannot*s: account, level, key, declarations."""
        release, here = self.release, self.cite(self.release.line)
        strangers = release.anonymous
        account = [Clause(Says.CAN, claims=HOLDERS, code="not_authenticated", cite=here)]
        levels = [
            Clause(Says.CAN, claims=frozenset({f"tier:{t.name}"}), code="unknown_tier", cite=self.cite(t.line))
            for t in release.tiers
        ]
        # A caller without an account has no level to be wrong about: whether he comes in is the account's to say.
        levels.append(Clause(Says.CAN, claims=frozenset({ANONYMOUS}), cite=here))
        if strangers and anonymous:
            opened, there = frozenset({action}), self.cite(strangers.line)
            account.append(
                Clause(Says.CAN, opened, claims=frozenset({ANONYMOUS}), code="not_authenticated", cite=there)
            )
        stopped = frozenset({"suspended"})
        account.append(Clause(Says.CANNOT, claims=stopped, code="suspended", cite="account: suspended by the operator"))
        yield Terms("account", tuple(account))
        yield Terms("levels", tuple(levels))
        if narrow is not None:  # a *cannot*, so that there is a reason to show where the *can* would not even be a miss
            says = Says.CAN if action in narrow else Says.CANNOT
            yield Terms("key", (Clause(says, code="key_out_of_scope", cite="key: narrowed by its owner"),))
        for name in release.declare:
            yield self._declaration(name, self.cite(release.declare_line or release.line))

    def _declaration(self, name: str, cite: str) -> Terms:
        """Asked of every key; nobody asks a caller without an account, so there his terms say it as a duty."""
        declared = (Fact(f"declared:{name}", "is", True),)
        asked = Clause(Says.CAN, when=declared, code="declaration_missing", cite=cite)
        strangers = Clause(Says.CAN, claims=frozenset({ANONYMOUS}), code="declaration_missing", cite=cite)
        return Terms(f"declaration of {name}", (asked, strangers) if self.release.anonymous else (asked,))

    # --- what the tiers open -----------------------------------------------------------------------------------------

    def opens(self, tier: Tier | Anonymous | None, features: Iterable[Feature]) -> bool:
        return tier is not None and any(f.name in tier.features for f in features)

    def opened(
        self,
        action: str,
        component: str | None,
        features: Sequence[Feature],
        grants: tuple[Policy, ...],
        cap_nanos: int | None = None,
    ) -> Policy:
        """The tiers with these features, each within its quotas and the holder's cap; or any grant of this holder."""
        levels: list[Tier | Anonymous] = [t for t in self.release.tiers if self.opens(t, features)]
        if self.release.anonymous and self.opens(self.release.anonymous, features):
            levels.append(self.release.anonymous)
        actions = frozenset({action})
        components = None if component is None else frozenset({component})

        def can(level: Tier | Anonymous, code: str, line: int, *when: Fact) -> Clause:
            return Clause(
                Says.CAN, actions, components, _claim(level), (*_approved(level), *when), "", code, self.cite(line)
            )

        have = [Clause(Says.CAN, actions, components, _claim(t), (), "", "feature_not_in_tier", self.cite(t.line))
                for t in levels]  # fmt: skip
        if not have:
            lines = [f.line for f in features] or [self.release.line]
            have = [Clause(Says.CANNOT, actions, components, None, (), "", "feature_not_in_tier", self.cite(lines[0]))]
        tiers: list[Policy] = [Terms("tiers", tuple(have))]
        if any(_approved(t) for t in levels):
            tiers.append(Terms("approval", tuple(can(t, "approval_pending", t.line) for t in levels)))
        if any(_paid(t) for t in levels):
            tiers.append(Terms("payment", tuple(can(t, "payment_past_due", _price_line(t), *_paid(t)) for t in levels)))
        names = {f.name for f in features}
        within_quota = [
            (t, [q for q in t.quotas if q.features is None or not names.isdisjoint(q.features)]) for t in levels
        ]
        tiers += self._within(within_quota, can)
        if cap_nanos is not None and any(isinstance(t, Tier) and past(t, quotas) for t, quotas in within_quota):
            tiers.append(Terms("cap", tuple(self._capped(within_quota, cap_nanos))))
        within = AllOf(tuple(tiers))
        grants = tuple(g for g in grants if any(c.actions is None or action in c.actions for c in clauses_of(g)))
        return AnyOf((within, *grants)) if grants else within  # a grant of something else is no reason here

    def _within(
        self, within_quota: Sequence[tuple[Tier | Anonymous, Sequence[Quota]]], can: Callable[..., Clause]
    ) -> Iterator[Terms]:
        """One set of terms a counter: each level within its own limit, or past it where that has a price."""
        for counter in dict.fromkeys(q.counter for _, quotas in within_quota for q in quotas):
            clauses: list[Clause] = []
            for level, quotas in within_quota:
                same = [q for q in quotas if q.counter == counter]
                limits = tuple(Fact(METER + counter, "<=", q.limit) for q in same)
                clauses.append(can(level, "quota_exhausted", same[0].line if same else level.line, *limits))
                if isinstance(level, Tier) and same:
                    clauses.extend(self._overage(level, same[0], can))
            yield Terms(f"quota {counter}", tuple(clauses))

    def _overage(self, tier: Tier, quota: Quota, can: Callable[..., Clause]) -> Iterator[Clause]:
        """Past the quota a tier with a price for this meter goes on, and what is used is owed."""
        for price in tier.overage:
            if price.unit == quota.meter:
                yield can(tier, "quota_exhausted", price.line)
                past = (*_approved(tier), Fact(METER + quota.counter, ">", quota.limit))
                duty = f"pay {price_words(price.micros, price.currency, price.per, price.unit)}"
                yield Clause(Says.MUST, None, None, _claim(tier), past, duty, "", self.cite(price.line))

    def _capped(
        self, within_quota: Iterable[tuple[Tier | Anonymous, Sequence[Quota]]], cap_nanos: int
    ) -> Iterator[Clause]:
        """What costs nothing is not the cap's business: within all quotas that have a price, else within the cap."""
        spent = Fact(METER + SPEND, "<=", cap_nanos)
        for level, quotas in within_quota:
            priced = past(level, quotas) if isinstance(level, Tier) else ()
            free = tuple(Fact(METER + quota.counter, "<=", quota.limit) for quota, _ in priced)
            line = priced[0][1].line if priced else level.line
            yield Clause(Says.CAN, claims=_claim(level), when=free, code="budget_exhausted", cite=self.cite(line))
            if priced:
                yield Clause(Says.CAN, claims=_claim(level), when=(spent,), code="budget_exhausted", cite=CAP)

    # --- what the licenses say of it ---------------------------------------------------------------------------------

    def outputs(self, feature: Feature, component: Component) -> Policy:
        """What upstream and license say of this feature's outputs; the license may be the one that a tier carries."""
        lender, cite = self.lender, self.cite(feature.line)
        stranger = self.opens(self.release.anonymous, [feature])

        def lent(expression: str, tier: Tier | None = None) -> Policy:
            claims, when = (None, ()) if tier is None else (_claim(tier), _approved(tier))
            serves = Clause(Says.CAN, frozenset({feature.name}), None, claims, when, "", "license_forbids", cite)
            return lender.lent(expression, feature.name, serves, stranger)

        if component.proprietary:
            own: Policy = Terms(component.name, (Clause(Says.CAN, frozenset({feature.name}), cite=cite),))
        else:
            own = self.licensed(component, lambda expression, _: lent(expression))
        carried = tuple(lent(t.licenses[component.name], t) for t in self.release.tiers if component.name in t.licenses)
        upstream = tuple(lent(u.license) for u in component.upstream)
        return AllOf((*upstream, AnyOf((own, *carried))))

    def licensed(self, component: Component, of: Callable[[str, Component], Policy]) -> Policy:
        """The component's license; from its change date on, the change license in its place."""
        kept = Clause(Says.CANNOT, code="license_forbids", cite=self.cite(component.line))
        closed = Terms(f"{component.name} (proprietary)", (kept,))
        before = of(component.license, component) if component.license else closed
        if component.change_s is None or component.change_license is None:
            return before
        return self._in_time(component, component.change_s, before, of(component.change_license, component))

    def _in_time(self, component: Component, change_s: int, before: Policy, after: Policy) -> Policy:
        return AnyOf(
            (
                AllOf((self._gate(component, "<=", change_s), before)),
                AllOf((self._gate(component, ">", change_s), after)),
            )
        )

    def _gate(self, component: Component, test: str, change_s: int) -> Terms:
        can = Clause(Says.CAN, when=(Fact(CLOCK, test, change_s - 1),), cite=self.cite(component.line))
        return Terms(f"change date of {component.name}", (can,))

    def acceptance(self, component: Component) -> Iterator[Policy]:
        """The license must be accepted first, or the one that the holder's tier carries; past the change date, none.

        One set of terms, so that a no cites the license of a tier only to those who hold it.
        """
        if not component.accept or component.license is None:
            return
        here, code = self.cite(component.line), "license_not_accepted"
        cans = [Clause(Says.CAN, when=(_accepted(component.license),), code=code, cite=here)]
        if component.change_s is not None:
            cans.append(Clause(Says.CAN, when=(Fact(CLOCK, ">", component.change_s - 1),), cite=here))
        for tier in self.release.tiers:
            if carried := tier.licenses.get(component.name):
                when = (*_approved(tier), _accepted(carried))
                cans.append(Clause(Says.CAN, None, None, _claim(tier), when, "", code, self.cite(tier.line)))
        yield Terms(f"acceptance of {component.name}", tuple(cans))


def past(tier: Tier, quotas: Iterable[Quota]) -> tuple[tuple[Quota, Price], ...]:
    """Those of the quotas that the tier goes on past, with the price of each."""
    prices = {price.unit: price for price in tier.overage}
    return tuple((quota, prices[quota.meter]) for quota in quotas if quota.meter in prices)


def _accepted(license: str) -> Fact:
    return Fact(f"accepted:{license}", "is", True)


def _claim(level: Tier | Anonymous) -> frozenset[str]:
    return frozenset({f"tier:{level.name}" if isinstance(level, Tier) else ANONYMOUS})


def _paid(level: Tier | Anonymous) -> tuple[Fact, ...]:
    """What a tier with a price needs besides its claim; one that an operator gave counts as paid."""
    if isinstance(level, Tier) and level.price is not None:
        return (Fact(f"paid:{level.name}", "is", True),)
    return ()


def _price_line(level: Tier | Anonymous) -> int:
    return level.price.line if isinstance(level, Tier) and level.price is not None else level.line


def _approved(level: Tier | Anonymous) -> tuple[Fact, ...]:
    """What a tier that is given by request needs besides its claim: who awaits it has the claim already."""
    if isinstance(level, Tier) and level.requires_approval:
        return (Fact(f"approved:{level.name}", "is", True),)
    return ()
