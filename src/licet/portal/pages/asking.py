"""May this person do this with that? One question read from a URL, and the one ask that `may` answers.

The form, the links and the URL that people share are the same words:
`/?who=premium&do=chat&with=weights&commercial=true`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_
from urllib.parse import urlencode

from licet.errors import closest
from licet.release import policy
from licet.release.release import Component, Release
from licet.terms import CLOCK, METER, Ask, Policy, Verdict, clauses_of, fact, may
from licet.terms.action import ACTIONS, DOWNLOAD, SUGAR, unsugared
from licet.terms.clause import Scalar
from licet.terms.fact import Who

ANYONE = ""  # a caller without an account; no tier can be called so


@dataclass(frozen=True, slots=True)
class Question:
    """`who` is a tier or ANYONE; `do` an action, a feature or `download`; `component` "" for every one.

    `at` names the document that is asked, by its first digits; "" is the one in force.
    """

    who: str
    do: str
    component: str = ""
    facts: Mapping[str, Scalar] = field(default_factory=dict)
    at: str = ""

    def url(self) -> str:
        """The address of this question with its answer."""
        told = {
            name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in self.facts.items()
        }
        asked = {"who": self.who, "do": self.do, "with": self.component, **told}
        page = f"/terms/{self.at}" if self.at else "/"
        return f"{page}?{urlencode({k: v for k, v in asked.items() if v})}#answer"

    def told(self, name: str, value: Scalar) -> Question:
        return replace(self, facts={**self.facts, name: value})


@dataclass(frozen=True, slots=True)
class Mistake:
    """What in the URL makes no sense: the name of the field, and words for the person who sent it."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class Answered:
    """`parts` are the answers by component where several were asked about; the verdict is all of them together."""

    question: Question
    verdict: Verdict
    asks: tuple[tuple[Policy, Ask], ...]
    parts: tuple[tuple[str, Verdict], ...]


def read(release: Release, query: Mapping[str, str], at: str = "") -> tuple[Question | None, tuple[Mistake, ...]]:
    """The question of a query string, asked of the document `at`. None where nothing is asked (no `do`) or where it makes
    no sense.
    """
    wrong: list[Mistake] = []
    who, do, component = (query.get(name, "").strip() for name in ("who", "do", "with"))
    if who and release.tier(who) is None:
        wrong.append(Mistake("who", _unknown("tier", who, [t.name for t in release.tiers])))
    if do and do not in actions(release):
        wrong.append(Mistake("do", _unknown("action or feature", do, actions(release))))
    if component and release.component(component) is None:
        wrong.append(Mistake("with", _unknown("component", component, [c.name for c in release.components])))
    facts: dict[str, Scalar] = {}
    for name in fact.askable():
        if text := query.get(name, "").strip():
            try:
                facts[name] = fact.parse(name, text.upper() if name == "country" else text)
            except ValueError as error:
                wrong.append(Mistake(name, str(error)[:400]))
    if release.feature(do):
        component = ""  # a feature serves what it serves
    asked = Question(who, do, component, facts, at) if do and not wrong else None
    return asked, tuple(wrong)


def _unknown(what: str, word: str, known: list[str] | tuple[str, ...]) -> str:
    mend = closest(word[:64], known)
    return f"No {what} `{word[:64]}`" + (f"; {mend}" if mend else ".")


def actions(release: Release) -> tuple[str, ...]:
    """Everything that can be asked about: the release's features, `download`, the words of licenses."""
    downloads = (DOWNLOAD,) if any(f.download for f in release.features) else ()
    return (*(f.name for f in release.features), *downloads, *SUGAR, *ACTIONS)


def answer(release: Release, question: Question, now_s: int) -> Answered:
    """The verdict of `may` on the question, in force at `now_s`. It is the gate's own policy that is asked."""
    named = list(_policies(release, question))
    asks = tuple((p, ask_of(release, question, action, name, p, now_s)) for name, action, p in named)
    verdicts = [may(p, fact.bind(p, ask)) for p, ask in asks]
    parts = tuple((name, v) for (name, _, _), v in zip(named, verdicts, strict=True)) if len(named) > 1 else ()
    return Answered(question, reduce(and_, verdicts), asks, parts)


def _policies(release: Release, question: Question) -> Iterator[tuple[str, str, Policy]]:
    """(component, action, policy) for each component that the question is about."""
    if feature := release.feature(question.do):
        yield (feature.serves or ("",))[0], feature.name, policy.served(release, feature.name, newest=not question.at)
        return
    action, _ = unsugared(question.do)
    chosen: tuple[Component, ...] = tuple(
        c for c in release.components if not question.component or c.name == question.component
    )
    if action == DOWNLOAD and not question.component:
        chosen = tuple(c for c in chosen if any(f.download == c.name for f in release.features))
    for component in chosen:
        newest = not question.at
        if action == DOWNLOAD:
            tree = policy.download(release, component.name, newest=newest)
        else:
            tree = policy.released(release, action, component.name, newest=newest)
        yield component.name, action, tree


def ask_of(release: Release, question: Question, action: str, component: str, tree: Policy, now_s: int) -> Ask:
    """The ask of somebody who has the tier whole: approved where it asks for that, paid, the first call of his month.

    What he must do himself (accept a license, tell a fact) is not done for him: the answer shall say it.
    """
    _, implied = unsugared(question.do)
    facts: dict[str, Scalar] = {CLOCK: now_s, **question.facts, **implied}
    for clause in clauses_of(tree):
        for test in clause.when:
            if test.name.startswith(METER):
                facts[test.name] = 1
    if question.who == ANYONE:
        return Ask(action, component, frozenset({policy.ANONYMOUS}), facts)
    facts |= {f"approved:{question.who}": True, f"paid:{question.who}": True}
    facts |= {f"declared:{name}": True for name in release.declare}
    return Ask(action, component, frozenset({"account", f"tier:{question.who}"}), facts)


def relevant(asks: tuple[tuple[Policy, Ask], ...]) -> tuple[str, ...]:
    """The facts that only the asker knows and that some clause on this question tests, in the order of `fact.py`."""
    tested = {
        f.name for tree, ask in asks for c in clauses_of(tree) if c.covers(ask) and c.concerns(ask) for f in c.when
    }
    return tuple(name for name in fact.askable() if name in tested and fact.FACTS[name].who is Who.ASKER)
