"""What would be a yes? Every way that can be had now, tried before it is told.

A way is: stay and mend what stands in the way (accept a license, make another key), hold another tier of the newest
document, or apply to one of its programs, with the same mends. Each is applied to the standing and asked again; only
what is then answered with yes is offered, cheapest first. Law: whoever takes an offered way is answered yes. "Declare
something else" is never a way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from licet.access.grant import by_program
from licet.access.grant import policy as policy_of
from licet.access.slot import NEVER_S, Slot, slot
from licet.access.standing import Standing
from licet.release.lent import HOLDERS
from licet.release.policy import ANONYMOUS, CAP, download, served
from licet.release.release import Program, Release, Tier
from licet.terms import CLOCK, METER, Answer, Ask, Policy, Verdict, clauses_of, may
from licet.terms.action import DOWNLOAD
from licet.terms.clause import Scalar
from licet.terms.english import ENGLISH
from licet.terms.fact import bind, row
from licet.terms.plain import price_words

MONTHS = {"month": 1, "year": 12}
APPLIED = "applied"  # whose the grant of a program would be, and what it would be called
PAGES = {  # where a way is taken; the portal's paths
    "signup": "/accounts/signup/",
    "tier": "/my/tier?tier={name}",
    "acceptance": "/licenses/{name}/accept",
    "key": "/my/keys",
    "program": "/programs/{release}/{name}",
    "buy": "/my/buy?tier={name}",
    "payment": "/my/payments",
    "cap": "/my/usage",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to a yes: `kind` is "tier", "program", "acceptance", "key", "payment" or "cap"; `cite` is where it is on offer."""

    kind: str
    name: str
    detail: str
    url: str
    cite: str


@dataclass(frozen=True, slots=True)
class Trial:
    """An offer with the slots that decide once it is taken; several where what will be declared is not known yet.

    `unless` decides today: where it is a yes already, what stands in the way is nothing that this offer would cure.
    """

    offer: Offer
    slots: tuple[Slot, ...]
    unless: Slot | None = None

    @property
    def until_s(self) -> int:
        return min((one.until_s for one in (*self.slots, *filter(None, (self.unless,)))), default=NEVER_S)


def offers(
    newest: Release,
    standing: Standing,
    facts: Mapping[str, Scalar],
    action: str,
    component: str,
    now_s: int,
    url: str = "",
    *,
    held: Release | None = None,
    narrow: frozenset[str] | None = None,
    role: Policy | None = None,
    counts: Mapping[str, int] | None = None,
) -> tuple[Offer, ...]:
    """The ways to a yes for one refused ask, cheapest first.

    `facts` are all that is known of the asker (`table.facts_of`), `counts` the meters after the call (1 where absent),
    `held` the document that his tier is held at, `url` the server's address.
    """
    return offered(trials(newest, standing, facts, narrow, action, component, now_s, held, role), counts or {}, url)


def offered(kept: Iterable[Trial], counts: Mapping[str, int], url: str = "") -> tuple[Offer, ...]:
    """Of the trials those that are yes with these counts, at this server's address."""
    return tuple(
        replace(trial.offer, url=url.rstrip("/") + trial.offer.url if url else "")
        for trial in kept
        if all(one.taken(counts) for one in trial.slots) and not (trial.unless and trial.unless.taken(counts))
    )


def trials(
    newest: Release,
    standing: Standing,
    facts: Mapping[str, Scalar],
    narrow: frozenset[str] | None,
    action: str,
    component: str,
    now_s: int,
    held: Release | None = None,
    role: Policy | None = None,
) -> tuple[Trial, ...]:
    """Every way that was tried, cheapest first; `offered` keeps those that are a yes with the counts there are."""
    here = _Here(standing.claims, dict(facts), narrow)
    question = _Question(action, component, now_s, tuple(grant.policy for grant in standing.grants), role, standing)
    tried: list[tuple[tuple[int, bool], Trial]] = []
    for tier in (None, *sorted(newest.tiers, key=_dearness)):
        if tier is not None and _has(here, tier) and (held is None or held.sha256 == newest.sha256):
            continue
        document = held or newest if tier is None else newest
        if not question.known_to(document):
            continue
        there = here if tier is None else here.in_tier(tier)
        mends = list(_mends(question.verdict(document, there), document))
        for mend in mends:
            there = mend.applied(there)
        if tier is None and not mends:
            continue
        slots = tuple(question.slot(document, one) for one in there.declared(document.declare))
        tried.append((_dearness(tier), Trial(_offer(tier, mends, here, document), slots)))
    if (raised := _raised(question, here, held or newest)) is not None:
        tried.append((_dearness(None), raised))
    applied = (_applied(program, question, here, held or newest, newest) for program in newest.programs)
    tried += [((0, True), trial) for trial in applied if trial is not None]
    return tuple(trial for _, trial in sorted(tried, key=lambda one: one[0]))


def _raised(question: _Question, here: _Here, document: Release) -> Trial | None:
    """As if the holder's own cap on a month's cost were higher; None where he set none."""
    standing = question.standing
    if standing is None or standing.cap_in(document.currency) is None or not question.known_to(document):
        return None
    freed = replace(question, standing=replace(standing, cap_nanos=None)).slot(document, here)
    offer = Offer("cap", "month", ENGLISH["way.cap"], PAGES["cap"], CAP)
    return Trial(offer, (freed,), question.slot(document, here))


def _applied(program: Program, question: _Question, here: _Here, held: Release, newest: Release) -> Trial | None:
    """As if the program's application were approved: a grant beside the tier, and a tier first where there is none."""
    tier, document, there = None, held, here
    if not any(c.startswith("tier:") for c in here.claims):
        tier = next((t for t in newest.tiers if t.price is None and not t.requires_approval), None)
        if tier is None:
            return None
        document, there = newest, here.in_tier(tier)
    if not question.known_to(document):
        return None
    there = replace(there, claims=there.claims | {APPLIED})
    given = policy_of(by_program(newest, program, APPLIED, APPLIED))
    question = replace(question, grants=(*question.grants, given))
    mends = list(_mends(question.verdict(document, there), document))
    for mend in mends:
        there = mend.applied(there)
    slots = tuple(question.slot(document, one) for one in there.declared(document.declare))
    steps = [ENGLISH["way.program"].format(program=program.title or program.name), *(mend.words() for mend in mends)]
    if tier is not None:
        steps.insert(0, _tier_words(tier, here))
    page = PAGES["signup"] if ANONYMOUS in here.claims else PAGES["program"]
    url = page.format(release=newest.name, name=program.name)
    return Trial(Offer("program", program.name, _and(steps), url, f"licet.toml:{program.line}"), slots)


# --- the standing that would be --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Here:
    """What of a standing a way may change. `to_declare`: facts that a new key will state, whichever way."""

    claims: frozenset[str]
    facts: Mapping[str, Scalar]
    narrow: frozenset[str] | None
    to_declare: frozenset[str] = frozenset()

    def in_tier(self, tier: Tier) -> _Here:
        kept = {c for c in self.claims if not c.startswith("tier:") and c != ANONYMOUS}
        given = {f"approved:{tier.name}": True} if tier.requires_approval else {}
        given |= {f"paid:{tier.name}": True} if tier.price is not None else {}
        holder = set() if HOLDERS & kept else {"account"}
        return replace(self, claims=frozenset({*kept, *holder, f"tier:{tier.name}"}), facts={**self.facts, **given})

    def declared(self, asked: Iterable[str]) -> Iterator[_Here]:
        """Every way in which the facts to declare may turn out: an offer must be a yes in all of them."""
        truths = [f for f in asked if f in self.to_declare and (known := row(f)) and known.type is bool]
        stated = {f"declared:{name}": True for name in self.to_declare}
        for values in product((True, False), repeat=len(truths)):
            yield replace(self, facts={**self.facts, **stated, **dict(zip(truths, values, strict=True))})


@dataclass(frozen=True, slots=True)
class _Mend:
    """Something the holder does himself: accept a license, make another key, or pay what he owes."""

    kind: str
    name: str
    line: int = 0

    def applied(self, here: _Here) -> _Here:
        match self.kind:
            case "acceptance":
                return replace(here, facts={**here.facts, f"accepted:{self.name}": True})
            case "declare":
                return replace(here, to_declare=here.to_declare | {self.name})
            case "payment":
                return replace(here, facts={**here.facts, f"paid:{self.name}": True})
        return replace(here, narrow=None)

    def words(self) -> str:
        key = {"declare": "way.key.declare", "wide": "way.key.wide"}.get(self.kind, f"way.{self.kind}")
        return ENGLISH[key].format(license=self.name, tier=self.name, facts=f"`{self.name}`")


def _mends(verdict: Verdict, document: Release) -> Iterator[_Mend]:
    """What the reasons of a refusal say that the holder can mend himself."""
    if verdict.answer is Answer.YES:
        return
    accepting = False
    for clause in dict.fromkeys(verdict.because):
        names = [f.name.partition(":")[2] for f in clause.when]
        match clause.code:
            case "license_not_accepted" if not accepting:
                accepting = True  # any one of those that are named would do: the first is the component's own
                license = next(f.name.partition(":")[2] for f in clause.when if f.name.startswith("accepted:"))
                yield _Mend("acceptance", license, _line_of(document, license))
            case "declaration_missing":
                yield from (_Mend("declare", name, document.declare_line or document.line) for name in names)
            case "key_out_of_scope":
                yield _Mend("wide", "wide", document.line)
            case "payment_past_due":
                yield from (_Mend("payment", name, _price_line(document, name)) for name in names)


def _line_of(document: Release, license: str) -> int:
    return next((c.line for c in document.components if c.license == license), document.line)


def _price_line(document: Release, tier: str) -> int:
    found = document.tier(tier)
    return found.price.line if found and found.price else document.line


def _has(here: _Here, tier: Tier) -> bool:
    """Is the tier held, and not only awaited?"""
    awaited = tier.requires_approval and not here.facts.get(f"approved:{tier.name}")
    return f"tier:{tier.name}" in here.claims and not awaited


def _dearness(tier: Tier | None) -> tuple[int, bool]:
    """Micros a month; of two that cost the same first the one that nobody has to approve. To stay comes before all."""
    if tier is None:
        return -1, False
    if tier.price is None:
        return 0, tier.requires_approval
    return tier.price.micros // (tier.price.per * MONTHS.get(tier.price.unit, 1)), tier.requires_approval


# --- asking ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Question:
    action: str
    component: str
    now_s: int
    grants: tuple[Policy, ...]
    role: Policy | None = None  # of a member: nobody takes a way that his role keeps shut
    standing: Standing | None = None

    def known_to(self, document: Release) -> bool:
        if self.action == DOWNLOAD:
            return document.component(self.component) is not None
        return document.feature(self.action) is not None

    def _asked(self, document: Release, here: _Here) -> tuple[Policy, Ask]:
        if self.action == DOWNLOAD:
            policy = download(
                document, self.component, grants=self.grants, narrow_features=here.narrow, role=self.role,
                cap_nanos=self.standing.cap_in(document.currency) if self.standing else None,
            )  # fmt: skip
        else:
            policy = served(
                document, self.action, grants=self.grants, narrow_features=here.narrow, role=self.role,
                cap_nanos=self.standing.cap_in(document.currency) if self.standing else None,
            )  # fmt: skip
        return policy, bind(policy, Ask(self.action, self.component, here.claims, {**here.facts, CLOCK: self.now_s}))

    def verdict(self, document: Release, here: _Here) -> Verdict:
        policy, ask = self._asked(document, here)
        meters = {f.name: 1 for c in clauses_of(policy) for f in c.when if f.name.startswith(METER)}
        return may(policy, replace(ask, facts={**meters, **ask.facts}))

    def slot(self, document: Release, here: _Here) -> Slot:
        return slot(*self._asked(document, here))


# --- saying ----------------------------------------------------------------------------------------------------------


def _offer(tier: Tier | None, mends: list[_Mend], here: _Here, document: Release) -> Offer:
    steps = [mend.words() for mend in mends]
    if tier is not None:
        steps.insert(0, _tier_words(tier, here))
    kind, name, line = ("tier", tier.name, tier.line) if tier else (_kind(mends[0]), mends[0].name, mends[0].line)
    return Offer(kind, name, _and(steps), _page(kind, name, document, here), f"licet.toml:{line}" if line else "")


def _kind(mend: _Mend) -> str:
    return mend.kind if mend.kind in ("acceptance", "payment") else "key"


def _tier_words(tier: Tier, here: _Here) -> str:
    free = tier.price is None and not tier.requires_approval
    if f"tier:{tier.name}" in here.claims:
        key = "way.tier.renew" if _has(here, tier) else "way.tier.awaited"
    elif ANONYMOUS in here.claims and free:
        key = "way.tier.signup"
    else:
        key = "way.tier.ask" if tier.requires_approval else "way.tier"
    words = ENGLISH[key].format(tier=tier.name)
    if tier.price is None:
        return words
    price = price_words(tier.price.micros, tier.price.currency, tier.price.per, tier.price.unit)
    return ENGLISH["way.price"].format(way=words, price=price + " a seat" * tier.per_seat)


def _and(steps: list[str]) -> str:
    words = steps[0]
    for step in steps[1:]:
        words = ENGLISH["way.and"].format(way=words, more=step)
    return words


def _page(kind: str, name: str, document: Release, here: _Here) -> str:
    if ANONYMOUS in here.claims:
        return PAGES["signup"]
    if kind == "acceptance":
        name = next((c.name for c in document.components if c.license == name and c.accept), name)
    if kind == "tier" and (tier := document.tier(name)) and tier.price is not None and not tier.requires_approval:
        kind = "buy"
    return PAGES[kind].format(name=name)
