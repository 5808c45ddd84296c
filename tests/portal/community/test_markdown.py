"""Whatever a stranger writes, only our tags come out, with no attribute that can do anything."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licet.portal.community import markdown, text

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![picture](https://example.org/x.png)",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](//example.org)",
    "[x](vbscript:x)",
    "[x](\\x01javascript:alert(1))",
    '[x](https://example.org "t" onclick="a")',
    '[x](https://example.org/"onclick="alert(1))',
    '<https://example.org/?a="><script>',
    "```html\n<script>x</script>\n```",
    "    <b>indented</b>",
    "# A heading\n## Another",
    "&lt;script&gt; &#60;script&#62; &copy;",
    "[a]: javascript:alert(1)\n\n[a]",
    "<!-- x --> <![CDATA[ x ]]> <?php x ?> <!DOCTYPE x>",
    "`<b>`",
    "* * *\n> > > deep",
    "<style>*{}</style><svg/onload=alert(1)>",
]


class Parsed(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("br", "hr"):
            self.open.append(tag)
        allowed = {"a": {"href", "rel"}, "pre": {"tabindex"}}.get(tag, {"dir"})
        self.wrong += [f"{tag} {name}" for name, _ in attrs if name not in allowed]
        href = dict(attrs).get("href")
        if href is not None and href != "#" and urlsplit(href).scheme not in markdown.SCHEMES:
            self.wrong.append(href)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.wrong.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append("declaration")


def check(words: str) -> Parsed:
    found = Parsed(markdown.html(words))
    assert found.wrong == []
    assert found.open == []
    assert set(found.tags) <= markdown.TAGS
    return found


@pytest.mark.parametrize("words", ATTACKS)
def test_an_attack_becomes_text(words: str) -> None:
    assert not {"script", "img", "svg", "style", "h1", "b"} & set(check(words).tags)


_PIECES = st.sampled_from(
    [*ATTACKS, *"*_`[]()<>!#&\n \\\t-+1.\"':", "](", "](javascript:", "<a href=", "```", "\u202e", "\u0627"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(_PIECES, st.text(max_size=8)), max_size=24).map("".join))
def test_only_our_tags_come_out_whatever_is_written(words: str) -> None:
    check(words)


def test_what_markdown_promises_is_kept() -> None:
    page = markdown.html("*a* **b** `c`\n\n- one\n- two\n\n> said\n\n[there](https://example.org/x?a=1&b=2)\nnext")
    for part in ("<em>a</em>", "<strong>b</strong>", "<code>c</code>", "<li", "<blockquote", 'href="https://example.org/x?a=1&amp;b=2"',
                 'rel="nofollow ugc noopener noreferrer"', "<br>"):  # fmt: skip
        assert part in page


@pytest.mark.parametrize(
    "unit", ["[", "*a ", "> ", "`", "![", "<", "- ", "[a](", "_", "**a*", "\\", "&#", "1. ", "a\n\n", "[a]: x\n"]
)
def test_a_post_of_full_length_is_written_whatever_it_repeats(unit: str) -> None:
    """No measurement: a parser that is worse than quadratic would not come back at all."""
    check((unit * 10_000)[:10_000])


def test_the_first_words_of_a_post_are_plain() -> None:
    assert markdown.plain("# Yes\n\n*you* may:\n\n- `sell` [it](https://example.org)", 80) == "Yes you may: sell it"
    assert markdown.plain("word " * 100, 20) == "word word word word…"


@pytest.mark.parametrize(
    "words",
    ["", "   ", "\n\n", "\u200b\u200d", "\u3164", "\u00ad", "\u202e", "\x00\x01", "\u2800", "\ufeff", "\u115f"],
)
def test_words_without_ink_are_no_words(words: str) -> None:
    assert text.words(words, 100) == ""


def test_what_turns_or_hides_text_is_taken_out_and_scripts_stay_whole() -> None:
    assert text.line("pay \u202egnol\u202c \u2066x\u2069\u200b", 100) == "pay gnol x"
    assert text.words("a" + "\u0301" * 50, 100).count("\u0301") <= 4
    for word in (
        "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u0915\u094d\u200d\u0937",
        "\U0001f469\u200d\U0001f4bb",
        "\u05e9\u05dc\u05d5\u05dd",
        "\u65e5\u672c\u8a9e",
    ):
        assert text.words(word, 100) == word


@given(st.text(max_size=300), st.integers(1, 60))
def test_cleaning_twice_changes_nothing_more_and_never_exceeds(words: str, most: int) -> None:
    once = text.words(words, most)
    assert len(once) <= most
    assert text.words(once, most) == once
    assert "\n" not in text.line(words, most)


@pytest.mark.parametrize(
    "name",
    [
        "Example Lab",
        "EXAMPLE  LAB",
        "\u0415\u0445\u0430m\u0440l\u0435 L\u0430b",
        "the licensor",
        "\uff2cicensor",
        "Ex\u200bample Lab",
        "adm1n",
    ],
)
def test_a_name_that_looks_like_the_licensors_is_seen_through(name: str) -> None:
    taken = {text.drawn(n) for n in ("Example Lab", "licensor", "admin")}
    assert any(t in text.drawn(text.line(name, 40)) for t in taken)
