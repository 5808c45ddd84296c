"""What does a README say about licenses? One section, between two marks, that a build writes anew each time."""

from __future__ import annotations

from collections.abc import Iterator

from licet.release.publish.told import answers, becomes, licenses_of, open_components, place, shown_names
from licet.release.release import Release
from licet.terms import Answer, Verdict
from licet.terms.fact import Who, row

BEGIN, END = "<!-- licet:begin -->", "<!-- licet:end -->"
_WORDS = {Answer.YES: "yes", Answer.NO: "no", Answer.DEPENDS: "depends"}


def section(release: Release, now_s: int) -> str:
    """The section as Markdown, its marks included."""
    return "\n".join([BEGIN, *_rows(release, now_s), END])


def with_section(text: str, release: Release, now_s: int) -> str:
    """A README with the section in the place of an older one, or at its end."""
    told = section(release, now_s)
    before, mark, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if mark and end:
        return before + told + after
    return f"{text.rstrip()}\n\n{told}\n" if text.strip() else f"# {release.name}\n\n{told}\n"


def _rows(release: Release, now_s: int) -> Iterator[str]:
    components = open_components(release, now_s)
    yield from ("## License", "")
    if release.why:
        yield from (*release.why.strip().splitlines(), "")
    yield from ("| component | what | files | license |", "| --- | --- | --- | --- |")
    for component, license in components:
        yield f"| {component.name} | {component.kind} | {place(component)} | {license} |"
    for component, _ in components:
        if later := becomes(component, now_s):
            yield from ("", f"{component.name}: {later}.")
        for upstream in component.upstream:
            yield from ("", f"{component.name} is made from {upstream.name}, under {upstream.license}: that holds too.")
    for name in dict.fromkeys(
        n for c, license in components for of in licenses_of(c, license) for n in shown_names(of)
    ):
        yield from ("", f"**{name}**")
    yield from ("", "### May I ...", "")
    columns = {c.name: {words: _cell(v) for words, v in answers(release, c, now_s)} for c, _ in components}
    yield f"| | {' | '.join(columns)} |"
    yield f"| --- {'| --- ' * len(columns)}|"
    for words in dict.fromkeys(w for told in columns.values() for w in told):
        yield f"| {words}? | {' | '.join(told.get(words, '') for told in columns.values())} |"
    yield ""
    yield "These are facts about the texts, not legal advice. Where it depends, `licet may` asks on. Not said: the text"
    yield "leaves it open. Not read: nobody has read it for this table."
    yield f"The texts stand in `LICENSES/`; what is owed stands in `NOTICE`. The licensor is {release.licensor}."
    if release.contact:
        yield f"Questions about licenses: {release.contact}"


def _cell(verdict: Verdict) -> str:
    word = _WORDS[verdict.answer]
    if verdict.answer is Answer.YES:
        return word
    if verdict.answer is Answer.NO:
        return f"{word} ({verdict.because[0].cite})"
    return f"{word} ({', '.join(sorted({_doubt(name) for name in verdict.needs}))})"


def _doubt(fact: str) -> str:
    """What an answer hangs on: a fact that the asker can tell, or words that are missing."""
    known = row(fact)
    if known and known.who is Who.ASKER:
        return f"`{fact}`"
    return "not said" if fact.startswith("unsaid:") else "not read"
