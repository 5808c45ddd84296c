"""What does a README or model card say: its front matter, its badges, and its own sentences about the license?"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from licet.release.check.meaning import exactly, meaning, spoken
from licet.release.check.readers.front_matter import Values, front_matter
from licet.release.check.statement import About, Meaning, Mention, Place, Statement, Tree, folder_of

_ANY: Final[About] = ""
_MODEL_KEYS: Final = frozenset(
    ["pipeline_tag", "base_model", "library_name", "model_name", "base_model_relation", "model-index"]
)
_DATA_KEYS: Final = frozenset(
    ["task_categories", "task_ids", "size_categories", "dataset_info", "annotations_creators"]
)
_BADGE: Final = re.compile(
    r"badge/(?:(?P<part>[A-Za-z]+)(?:_|%20|\s)*)?licen[cs]e-(?P<what>(?:[^-\s)/?\"']|--)+)-", re.IGNORECASE
)
_HEADING: Final = re.compile(r"^(#{1,6})[ \t]+(.*)$|^(.+)\n(?:={3,}|-{3,})[ \t]*$", re.MULTILINE)
_TITLE: Final = re.compile(r"^(#{1,6}[ \t].*)\n", re.MULTILINE)
_LONGEST: Final = 400  # characters of a sentence; what is longer is a legal text or a table
_TITLES: Final = frozenset(["license", "licence", "licenses", "cc"])
_FENCE: Final = re.compile(r"[ ]{0,3}(```|~~~)")
_SENTENCE: Final = re.compile(r"(?:[^.!?\n;]|\.(?=\S)|\n(?![ \t]*(?:\n|[-*+#|>]|\d+\.)))+", re.MULTILINE)
_SPEAKS: Final = re.compile(
    r"\b(?:licen[cs]ed?|released|distributed|available|published|provided|covered|changed|moved|re-?licensed)\b[^.]{0,60}?"
    r"\b(?:under|to|as|by|is|are)\b|\blicen[cs]e[ds]?\s*(?::|=|is\b|are\b)",
    re.IGNORECASE,
)
_WORDS: Final[dict[About, str]] = {
    "weights": r"weights?|checkpoints?|models?|parameters",
    "data": r"data|data ?sets?|corpus",
    "docs": r"documentation|docs",
    "code": r"code(?:[- ]?base)?|source(?: code)?|scripts?|software|library|package|framework",
}
_PARTS: Final = {about: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for about, words in _WORDS.items()}
_OTHERS: Final = re.compile(
    r"\b(?:third[- ]part\w+|bundle[sd]?|bundled|vendored|dependenc\w+|borrow\w*|portions|adapted|derived|thanks?|based on|"
    r"includes?|contains?|inspired|respective|upstream|originally|original|ported|copied|taken from|parts of|"
    r"uses?|using|their|these|following|contribut\w+|if you|you (?:may|can|must)|or later version of|"
    r"compatible|except\w*|some|other|different from|unlike|fork of|data from|plugin|font|icons?|example|future|was|were|"
    r"images?|outputs?|generated|not)\b",
    re.IGNORECASE,
)
_OURS: Final = re.compile(
    r"\b(?:this|the|our|we|it|its|all)\b|^\W*(?:licen[cs]e\W|(?:re-?)?licensed|released|distributed|code|model|data|weights)",
    re.I,
)
_NEWS: Final = re.compile(
    r"\b(?:code(?:[- ]?base)?|weights?|model|project)\b[^.]{0,40}\b(?:licen[cs]e)\b[^.]{0,30}\b(?:changed|moved|switched) to\b",
    re.I,
)


def read_card(tree: Tree, path: str, text: str, *, speaks_of_weights: bool) -> None:
    """Everything that a card says. `speaks_of_weights`: there are weights beside it, so its license is theirs."""
    told, after = front_matter(text)
    about: About = ""
    if _DATA_KEYS & told.keys():
        about = "data"
    elif _MODEL_KEYS & told.keys() or (told and speaks_of_weights):
        about = "weights"
    _front(tree, path, told, about)
    body = "\n" * after + text.split("\n", after)[-1] if after else text
    body = _without_code(_without_comments(body))
    if not told.get("model_name") and (title := re.search(r"^#[ \t]+(.+)$", body, re.MULTILINE)):
        tree.names.append(Place(path, body.count("\n", 0, title.start()) + 1, title[1].strip()))
    tree.statements.extend(_badges(path, body))
    tree.statements.extend(_sentences(path, body))


def _front(tree: Tree, path: str, told: Values, about: About) -> None:
    folder = folder_of(path)
    written = told.get("license", [])
    if [v.casefold() for _, v in written] in (["other"], ["unknown"], []) and told.get("license_name"):
        written = told["license_name"]
    if written:
        each = [meaning(value) for _, value in written]
        said = each[0]
        if len(each) > 1:
            said = Meaning(frozenset().union(*(m.ids for m in each)), "", vague=True)
        line, word = written[0][0], ", ".join(value for _, value in written)
        tree.statements.append(Statement(path, line, "card", folder, about, word, said))
    for line, link in told.get("license_link", []):
        tree.links.append(Place(path, line, link))
    relation = (told.get("base_model_relation") or [(0, "")])[0][1]
    bases = told.get("base_model", [])
    if not relation and len(bases) > 1:
        relation = "merge"
    tree.mentions += [Mention(path, line, folder, name, relation) for line, name in bases]
    tree.mentions += [Mention(path, line, folder, name, "dataset") for line, name in told.get("datasets", [])]
    for line, name in told.get("model_name", []):
        tree.names.append(Place(path, line, name))


def _badges(path: str, body: str) -> Iterator[Statement]:
    for badge in _BADGE.finditer(body):
        word = badge["what"].replace("--", "-").replace("%20", " ").replace("_", " ")
        if said := meaning(word):
            about = next((a for a, words in _PARTS.items() if badge["part"] and words.search(badge["part"])), _ANY)
            yield Statement(path, _line(body, badge.start()), "badge", folder_of(path), about, word, said)


def _sentences(path: str, body: str) -> Iterator[Statement]:
    """Sentences that say under which license *this* goes out. Those about other works are passed over: better to miss
    one than to cry over a line of thanks."""
    sections = _license_sections(body)
    for found in _SENTENCE.finditer(_TITLE.sub(r"\1;", body)):  # a heading is no part of the sentence below it
        inside = _inside(sections, found.start())
        if len(found[0]) > 2 * _LONGEST or not (inside or "icen" in found[0].lower()):
            continue
        text = " ".join(re.sub(r"\]\([^)]*\)", "]", found[0]).split())
        start = found.start() + len(found[0]) - len(found[0].lstrip())
        bare = text.strip("[]()*_`.: ")
        if inside and bare.casefold() not in _TITLES and (said := exactly(bare)):  # the section is a name and no more
            yield Statement(path, _line(body, start), "prose", folder_of(path), "", text, said)
        if not 8 < len(text) < _LONGEST or "icen" not in text.lower():
            continue
        news = _NEWS.search(text) is not None
        ours = _SPEAKS.search(text) and (_OURS.search(text) if inside else _OURS.match(text.lstrip("*_>- ")))
        if not (news or ours) or _OTHERS.search(text):
            continue
        for about, part in _apart(text):
            if said := spoken(part):
                yield Statement(path, _line(body, start), "prose", folder_of(path), about, text, said)


def _apart(text: str) -> Iterator[tuple[About, str]]:
    """`The code is under A and the weights are under B` are two statements."""
    for piece in re.split(
        r"(?:,|\band\b|\bwhile\b|\bwhereas\b|\bbut\b)\s+(?=(?:the|our|all)\b)", text, flags=re.IGNORECASE
    ):
        subject = re.split(r"\b(?:is|are|under|licen[cs]ed|released)\b", piece, maxsplit=1, flags=re.IGNORECASE)[0]
        named: list[About] = [about for about, words in _PARTS.items() if words.search(subject)]
        yield from ((about, piece) for about in named) if 0 < len(named) < 3 else (("", piece),)


def _inside(sections: Sequence[tuple[int, int]], at: int) -> bool:
    near = bisect_right(sections, (at, len(sections) + at)) - 1
    return near >= 0 and at < sections[near][1]


def _license_sections(body: str) -> list[tuple[int, int]]:
    heads = [(m.start(), m.end(), (m[2] or m[3] or "")) for m in _HEADING.finditer(body)]
    ends = [*(start for start, _, _ in heads[1:]), len(body)][: len(heads)]
    return [
        (end, after)
        for (_, end, title), after in zip(heads, ends, strict=True)
        if re.fullmatch(
            r"\W*(?:\d+\.?\s*)?(?:copyright\W+)?(?:and\W+)?licen[cs](?:e|es|ing)(?:\W+(?:and\W+)?\w+)?\W*", title, re.I
        )
    ]


def _without_comments(text: str) -> str:
    """The text with `<!-- -->` taken out, line by line as long as before."""
    kept: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end + 3
    return "".join((*kept, text[at:]))


def _without_code(text: str) -> str:
    """The text with fenced code blanked out, line by line: what code prints is nobody's statement."""
    kept: list[str] = []
    fence = ""
    for row in text.split("\n"):
        opens = _FENCE.match(row)
        if opens and fence in ("", opens[1]):
            fence = "" if fence else opens[1]
            kept.append("")
        else:
            kept.append("" if fence else row)
    return "\n".join(kept)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
