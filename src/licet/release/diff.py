"""What changed in terms between two documents of one release, which way, and who loses by it?

Pure. `licet publish` goes on where nobody loses; where somebody does, it shows these changes and asks for a decision.
Words (`why`, `contact`, descriptions) and how a feature is served are not terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from licet.release import certify
from licet.release.level import ANONYMOUS, levels
from licet.release.offered import programs
from licet.release.release import Component, Feature, Release, Upstream
from licet.release.weigh import FLIPPED, Way, weigh

_MEASURES: tuple[tuple[str, str, str, Way], ...] = (  # of a feature: what more of it means to callers
    ("cost_units", "costs", "units a call", "stricter"),
    ("timeout_s", "may run for", "seconds", "looser"),
    ("max_bytes", "takes at most", "bytes", "looser"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One term that changed. `way` is seen by who holds the tiers named: looser leaves them more.

    `tiers` are those whose holders it touches ("anonymous": callers without an account); empty where it touches nobody
    who calls. `before` and `after` cite both documents, "" where one is silent. "other" cannot be told looser or
    stricter.
    """

    way: Way
    subject: str
    says: str
    tiers: frozenset[str]
    before: str
    after: str

    @property
    def loses(self) -> bool:
        """Does somebody lose, or might somebody? What cannot be told apart is nobody's gain."""
        return self.way != "looser" and bool(self.tiers)

    def __str__(self) -> str:
        cites = " \N{RIGHTWARDS ARROW} ".join(c for c in (self.before, self.after) if c)
        return f"{self.way}: {self.subject} {self.says} ({cites})"


def changes(old: Release, new: Release) -> tuple[Change, ...]:
    """Every change in terms, in the order: release, components, features, anonymous callers, tiers, programs. () for none."""
    both = _Both(old, new)
    both.head()
    for before, after in _pairs(old.components, new.components):
        both.component(before, after)
    for one, other in _pairs(old.features, new.features):
        both.feature(one, other)
    for subject, name, way, says, line_before, line_after in (*levels(old, new), *certify.steps(old, new)):
        both.note(way, subject, says, {name}, line_before, line_after)
    for subject, _, way, says, line_before, line_after in programs(old, new):
        both.note(way, subject, says, (), line_before, line_after)
    return tuple(both.found)


def text_changes(
    old: Release, new: Release, old_texts: Mapping[str, str], new_texts: Mapping[str, str]
) -> tuple[Change, ...]:
    """The licenses that both name and whose text is another one: digests by id, where both have the text at hand."""
    both = _Both(old, new)
    for id in sorted(old_texts.keys() & new_texts.keys()):
        if old_texts[id] == new_texts[id]:
            continue
        before, after = ([c for c in r.components if c.license and id in c.license] for r in (old, new))
        tiers = frozenset[str]().union(*(both.served(c.name) | both.fetched(c.name) for c in (*before, *after)))
        lines = (before[0].line if before else None, after[0].line if after else None)
        both.note("other", f"license {id}", "has another text under the same name", tiers, *lines)
    return tuple(both.found)


def _pairs[T: (Component, Feature)](old: Iterable[T], new: Iterable[T]) -> list[tuple[T | None, T | None]]:
    """Old and new by name: those that stay or go in the old order, then those that come."""
    before: Mapping[str, T] = {one.name: one for one in old}
    after: Mapping[str, T] = {one.name: one for one in new}
    return [(before.get(name), after.get(name)) for name in dict.fromkeys((*before, *after))]


class _Both:
    """The two documents side by side, and what was found so far."""

    def __init__(self, old: Release, new: Release) -> None:
        self.old, self.new = old, new
        self.found: list[Change] = []

    def note(
        self, way: Way, subject: str, says: str, tiers: Iterable[str], before: int | None, after: int | None
    ) -> None:
        here = "" if before is None else self.old.cite(before, newest=False)
        there = "" if after is None else self.new.cite(after)
        self.found.append(Change(way, subject, says, frozenset(tiers), here, there))

    def callers(self, *features: str) -> frozenset[str]:
        """The tiers, of both documents, that hold one of the features."""
        held = [(t.name, t.features) for r in (self.old, self.new) for t in r.tiers]
        held += [(ANONYMOUS, r.anonymous.features) for r in (self.old, self.new) if r.anonymous]
        return frozenset(name for name, has in held if not has.isdisjoint(features))

    def served(self, component: str) -> frozenset[str]:
        """The tiers that meet a component, by what they call or download."""
        return self.callers(*(f.name for r in (self.old, self.new) for f in r.features if component in f.serves))

    def fetched(self, component: str) -> frozenset[str]:
        """The tiers that may download a component."""
        return self.callers(*(f.name for r in (self.old, self.new) for f in r.features if component == f.download))

    def head(self) -> None:
        old, new = self.old, self.new
        everyone = frozenset(t.name for r in (old, new) for t in r.tiers)
        lines = (old.line, new.line)
        for what in ("name", "licensor", "repository"):
            was, now = getattr(old, what), getattr(new, what)
            if was != now:
                self.note("other", "the release", f"has the {what} `{now}`, no longer `{was}`", (), *lines)
        for fact in new.declare:
            if fact not in old.declare:
                self.note("stricter", "the release", f"asks every caller to declare `{fact}`", everyone, *lines)
        for fact in old.declare:
            if fact not in new.declare:
                self.note("looser", "the release", f"asks nobody to declare `{fact}` any more", everyone, *lines)
        if old.notice_days != new.notice_days:
            way: Way = "looser" if new.notice_days > old.notice_days else "stricter"
            says = f"gives notice {new.notice_days} days before stricter terms, not {old.notice_days}"
            self.note(way, "the release", says, everyone, *lines)
        if old.pledge != new.pledge:
            says = (
                "pledges that nobody is moved to less"
                if new.pledge
                else "no longer pledges that nobody is moved to less"
            )
            self.note("looser" if new.pledge else "stricter", "the release", says, everyone, *lines)

    def component(self, old: Component | None, new: Component | None) -> None:
        either = old or new
        assert either is not None
        subject, tiers = f"component `{either.name}`", self.served(either.name)
        if old is None or new is None:
            way: Way = "looser" if old is None else "stricter"
            says = "is new" if old is None else "is gone"
            self.note(way, subject, says, tiers, _line(old), _line(new))
            return
        lines = (old.line, new.line)
        if old.license != new.license:
            says = f"is {_licensed(new.license)}, no longer {_licensed(old.license)}"
            self.note(weigh(old.license, new.license), subject, says, tiers, *lines)
        fetched = self.fetched(old.name)
        if old.accept != new.accept:
            says = "must be accepted before a download" if new.accept else "needs no acceptance any more"
            self.note("stricter" if new.accept else "looser", subject, says, fetched, *lines)
        elif fetched and old.accept and new.accept and old.license != new.license:
            says = "must be accepted anew before a download"  # an acceptance is of one text
            self.note("other", subject, says, fetched, *lines)
        for question in dict.fromkeys((*old.ask, *new.ask)):
            if (question in old.ask) != (question in new.ask):
                asks = question in new.ask
                says = f"{'asks' if asks else 'no longer asks'} whoever accepts it: {question}"
                self.note("stricter" if asks else "looser", subject, says, fetched, *lines)
        self.upstream(old, new, tiers)
        self.opening(old, new, tiers)
        for what, says in (("path", "covers other files"), ("contributions", "takes contributions on other terms")):
            if getattr(old, what) != getattr(new, what):
                self.note("other", subject, says, (), *lines)

    def upstream(self, old: Component, new: Component, tiers: frozenset[str]) -> None:
        subject = f"component `{old.name}`"
        was, now = {u.name: u for u in old.upstream}, {u.name: u for u in new.upstream}
        for name in dict.fromkeys((*was, *now)):
            before, after = was.get(name), now.get(name)
            if before is None or after is None:
                way: Way = "looser" if after is None else "stricter"
                says = f"{'no longer stands' if after is None else 'stands'} under the terms of `{name}`"
                self.note(way, subject, says, tiers, _line(before), _line(after))
            elif before.license != after.license:
                says = f"has `{name}` under {after.license}, no longer under {before.license}"
                self.note(weigh(before.license, after.license), subject, says, tiers, before.line, after.line)

    def opening(self, old: Component, new: Component, tiers: frozenset[str]) -> None:
        """The promise of another license from a day on."""
        was, now = (old.change_s, old.change_license), (new.change_s, new.change_license)
        if was == now:
            return
        subject, lines = f"component `{old.name}`", (old.line, new.line)
        if new.change_s is None or old.change_s is None:
            promised = new if new.change_s is not None else old
            way = weigh(promised.license, promised.change_license)
            kept = f"will be {promised.change_license} from a day on"
            gone = f"will no longer become {promised.change_license}"
            self.note(
                way if promised is new else FLIPPED[way], subject, kept if promised is new else gone, tiers, *lines
            )
            return
        if old.change_license != new.change_license:
            says = f"will be {new.change_license} from its change date, not {old.change_license}"
            self.note(weigh(old.change_license, new.change_license), subject, says, tiers, *lines)
        if old.change_s != new.change_s:
            sooner = new.change_s < old.change_s
            way = weigh(new.license, new.change_license)
            says = f"changes its license {'sooner' if sooner else 'later'}"
            self.note(way if sooner else FLIPPED[way], subject, says, tiers, *lines)

    def feature(self, old: Feature | None, new: Feature | None) -> None:
        either = old or new
        assert either is not None
        subject, tiers = f"feature `{either.name}`", self.callers(either.name)
        if old is None or new is None:
            way: Way = "looser" if old is None else "stricter"
            says = "is new" if old is None else "is gone"
            self.note(way, subject, says, tiers, _line(old), _line(new))
            return
        lines = (old.line, new.line)
        for component in dict.fromkeys((*old.serves, *new.serves)):
            if (component in old.serves) != (component in new.serves):
                gone = component in old.serves
                says = (
                    f"{'no longer serves' if gone else 'serves'} `{component}`, whose license speaks of what comes out"
                )
                self.note("looser" if gone else "stricter", subject, says, tiers, *lines)
        for what, verb, unit, way in _MEASURES:
            was, now = getattr(old, what), getattr(new, what)
            if was != now:
                self.note(way if now > was else FLIPPED[way], subject, f"{verb} {now} {unit}, not {was}", tiers, *lines)


def _line(part: Component | Feature | Upstream | None) -> int | None:
    return None if part is None else part.line


def _licensed(expression: str | None) -> str:
    return f"under {expression}" if expression else "proprietary"
