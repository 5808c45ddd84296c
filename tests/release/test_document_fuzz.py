"""Whatever the bytes are: `read` gives a release or `Findings`, never anything else, each finding with a real line."""

from __future__ import annotations

from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from licet.errors import Findings
from licet.release.document import read
from licet.release.release import Release

EXAMPLE = Path(__file__).with_name("example.toml").read_text()
ROWS = EXAMPLE.split("\n")
ODD = (
    *(
        "",
        "=",
        '"',
        "'",
        '"""',
        "[",
        "]",
        "{",
        "}",
        "#",
        ".",
        ",",
        "\\",
        "\r",
        "\0",
        "\u202e",
        "\ufeff",
        "é",
        "-",
        "/",
        "*",
    ),
    *(
        "0",
        "-1",
        "1e9",
        "nan",
        "true",
        "2028-01-01",
        "99999999999999999999",
        "[[]]",
        "{}",
        '["*"]',
        "MIT OR",
        "( AND )",
    ),
    *("[[component]]\n", "[release]\n", "[tier.x]\n", "name = 1\n", "a.b.c = 1\n", "sk_live_" + "0" * 12),
)


def holds(data: bytes) -> None:
    try:
        release = read(data)
    except Findings as raised:
        rows = max(1, data.count(b"\n") + 1)
        assert any(f.level == "error" for f in raised.findings)
        assert all(1 <= f.line <= rows and f.message and f.path == "licet.toml" for f in raised.findings)
        assert all(c.isprintable() or c == "\n" for c in str(raised))
    else:
        assert isinstance(release, Release)
        assert release.name and release.components


@given(st.binary(max_size=300))
@example(b"\xef\xbb\xbf\xef\xbb\xbf")
def test_any_bytes(data: bytes) -> None:
    holds(data)


@given(st.text(st.sampled_from("[]{}=.,\"'#\n\r ab0-:"), max_size=60))
def test_any_text_of_the_grammar(text: str) -> None:
    holds(text.encode())


@given(st.data())
def test_the_example_with_anything_cut_out_and_anything_put_in(data: st.DataObject) -> None:
    text = EXAMPLE
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(st.sampled_from(ODD) | st.text(max_size=4)) + text[at + cut :]
    holds(text.encode("utf-8", "surrogatepass"))


@given(st.data())
def test_the_example_with_values_put_in_place_of_values(data: st.DataObject) -> None:
    rows = list(ROWS)
    for _ in range(data.draw(st.integers(1, 4))):
        n = data.draw(st.integers(0, len(rows) - 1))
        match data.draw(st.sampled_from(["value", "drop", "again", "key"])):
            case "value":
                rows[n] = f"{rows[n].partition('=')[0]} = {data.draw(st.sampled_from(ODD))}"
            case "drop":
                del rows[n]
            case "again":
                rows.insert(data.draw(st.integers(0, len(rows))), rows[n])
            case "key":
                rows[n] = "x" + rows[n]
    holds("\n".join(rows).encode())
