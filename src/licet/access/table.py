"""What may this key do, right now? Worked out once for all keys of equal standing, then looked up.

A key's record holds its `Table`; the gate does `slot = table.slots.get(action)`, compares `slot.until_s` with the
clock, and takes the first way whose takes succeed. All else here is asked on first use, past `until_s`, or for a no.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from licet.access import budget
from licet.access.offers import Offer, Trial, offered, trials
from licet.access.slot import NEVER_S, Slot, Take, Way, slot
from licet.access.standing import Credential, Standing
from licet.release.policy import ANONYMOUS, download, served
from licet.release.release import Anonymous, Quota, Release, Tier
from licet.terms import CLOCK, METER, AllOf, Ask, Policy, Verdict, clauses_of, may
from licet.terms.action import DOWNLOAD
from licet.terms.clause import Scalar
from licet.terms.fact import bind


def anonymous(release: Release, holder_id: str = "") -> Standing:
    """The standing of a caller without an account."""
    return Standing(holder_id, release.name, "", release.sha256, frozenset({ANONYMOUS}))


def facts_of(standing: Standing, credential: Credential | None) -> dict[str, Scalar]:
    """What is known of whoever asks: Licet's own facts, and what was declared when the key was made."""
    declared = credential.facts if credential else {}
    return {**standing.facts, **declared, **{f"declared:{name}": True for name in declared}}


def key_of(action: str, component: str) -> str:
    """A feature serves what it serves, so its name is enough; what `download` fetches is part of the question."""
    return f"{DOWNLOAD} {component}" if action == DOWNLOAD else action


@dataclass(slots=True, eq=False)
class Table:
    """The slots of one standing. Reads are safe from any thread: a slot is replaced whole."""

    release: Release
    newest: Release
    standing: Standing  # of whoever came first; what differs between equals (holder, anchor) is never looked at
    facts: Mapping[str, Scalar]
    narrow: frozenset[str] | None
    role: Policy | None = None  # and the key's own budgets
    slots: dict[str, Slot] = field(default_factory=dict)
    _refusals: dict[str, tuple[int, Verdict]] = field(default_factory=dict)
    _trials: dict[str, tuple[int, tuple[Trial, ...]]] = field(default_factory=dict)

    def slot(self, action: str, component: str, now_s: int) -> Slot:
        """The slot in force: worked out on first use, and again from `until_s` on. KeyError for an unknown feature."""
        key = key_of(action, component)
        found = self.slots.get(key)
        if found is None or (found.until_s is not NEVER_S and now_s >= found.until_s):
            policy = self.policy(action, component)
            found = self.slots[key] = slot(policy, self._ask(policy, action, component, now_s))
        return found

    def policy(self, action: str, component: str) -> Policy:
        """The tree that decides; made anew, for it is needed only here and for a refusal."""
        grants = tuple(grant.policy for grant in self.standing.grants)
        newest = self.release.sha256 == self.newest.sha256
        narrow, role, cap = self.narrow, self.role, self.standing.cap_in(self.release.currency)
        if action == DOWNLOAD:
            return download(
                self.release, component, grants=grants, narrow_features=narrow, role=role, cap_nanos=cap, newest=newest
            )  # fmt: skip
        return served(
            self.release, action, grants=grants, narrow_features=narrow, role=role, cap_nanos=cap, newest=newest
        )  # fmt: skip

    def refusal(self, action: str, component: str, now_s: int, counts: Mapping[str, int]) -> Verdict:
        """`may` with the real counts, for the reasons of a no.

        `counts` are the meters' facts after the call (`used:calls/month`); one that is not counted reads 1. If
        something was given back in between the verdict may be YES: then the gate simply tries again.
        """
        if counts:
            return self._asked(action, component, now_s, counts)
        key = key_of(action, component)  # no counter has a part in it: whoever hammers a closed door costs a look-up
        until_s, kept = self._refusals.get(key, (0, None))
        if kept is None or now_s >= until_s:
            kept = self._asked(action, component, now_s, counts)
            self._refusals[key] = (self.slot(action, component, now_s).until_s, kept)
        return kept

    def _asked(self, action: str, component: str, now_s: int, counts: Mapping[str, int]) -> Verdict:
        policy = self.policy(action, component)
        ask = self._ask(policy, action, component, now_s)
        meters = dict.fromkeys(_meters(policy), 1)
        return may(policy, Ask(ask.action, ask.component, ask.claims, {**ask.facts, **meters, **counts}))

    def offers(
        self, action: str, component: str, now_s: int, counts: Mapping[str, int] | None = None, url: str = ""
    ) -> tuple[Offer, ...]:
        """The ways to a yes for a refused call, cheapest first; the trials are kept as long as the slot is."""
        key = key_of(action, component)
        until_s, kept = self._trials.get(key, (0, ()))
        if now_s >= until_s:
            kept = trials(
                self.newest, self.standing, self.facts, self.narrow, action, component, now_s, self.release, self.role
            )  # fmt: skip
            until_s = min(self.slot(action, component, now_s).until_s, *(one.until_s for one in kept), NEVER_S)
            self._trials[key] = (until_s, kept)
        return offered(kept, counts or {}, url)

    @property
    def tier(self) -> Tier | Anonymous | None:
        """Where the limits stand that are not in a slot: `rate` and `concurrency`. None: no level is held."""
        if ANONYMOUS in self.standing.claims:
            return self.release.anonymous
        return self.release.tier(self.standing.tier)

    def quotas(self) -> tuple[Quota, ...]:
        """The quotas of this standing, in the order written: `meter`, `limit`, `period`, `counter` of each."""
        tier = self.tier
        return tier.quotas if tier is not None else ()

    def _ask(self, policy: Policy, action: str, component: str, now_s: int) -> Ask:
        return bind(policy, Ask(action, component, self.standing.claims, {**self.facts, CLOCK: now_s}))


def _meters(policy: Policy) -> set[str]:
    return {f.name for c in clauses_of(policy) for f in c.when if f.name.startswith(METER)}


class Tables:
    """One table for each standing that is in use; the least used are dropped past `most`."""

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._tables: OrderedDict[Hashable, Table] = OrderedDict()

    def __len__(self) -> int:
        return len(self._tables)

    def of(
        self, release: Release, standing: Standing, credential: Credential | None = None, newest: Release | None = None
    ) -> Table:
        """The table of a standing with a credential (None: a caller without an account).

        `release` is the document that the tier is held at, `newest` the one in force (offers come from it, and cites
        name a document that has a successor).
        """
        newest = newest or release
        facts = facts_of(standing, credential)
        narrow, role = _narrowed(release, credential), _brought(credential)
        key = (
            release.name,
            release.sha256,
            newest.sha256,
            standing.tier,
            standing.document,
            standing.claims,
            frozenset(facts.items()),
            standing.grants,
            standing.cap_nanos,
            standing.cap_currency,
            narrow,
            role,
        )
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = Table(release, newest, standing, facts, narrow, role)
            if len(self._tables) > self._most:
                self._tables.popitem(last=False)
        else:
            self._tables.move_to_end(key)
        return table

    def clear(self) -> None:
        """Forget all: after a new document was published."""
        self._tables.clear()


def _brought(credential: Credential | None) -> Policy | None:
    """What a credential brings along besides its narrowing: the role it calls in, and its own budgets."""
    if credential is None or not credential.narrow.budgets:
        return credential.role if credential else None
    budgets = budget.terms(credential.narrow.budgets, credential.key_id)
    return AllOf((*([credential.role] if credential.role else ()), *budgets))


def _narrowed(release: Release, credential: Credential | None) -> frozenset[str] | None:
    if credential is None:
        return None
    if credential.narrow.releases is not None and release.name not in credential.narrow.releases:
        return frozenset()
    return credential.narrow.features


__all__ = ["NEVER_S", "Slot", "Table", "Tables", "Take", "Way", "anonymous", "facts_of", "key_of"]
