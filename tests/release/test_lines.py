"""`lines` and `tomllib` walk the same documents: the same paths, and each value on the line where it is written."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field

from hypothesis import example, given
from hypothesis import strategies as st

from licet.release.lines import Path, lines


def paths(value: object, here: Path = ()) -> dict[Path, object]:
    """Every path that a value of tomllib holds."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: dict[Path, object] = {}
    for key, part in inside:
        found |= {(*here, key): part} | paths(part, (*here, key))
    return found


NAMES = ("a", "b-1", "7", "é", 'q"uo', "dot.ted", " ", "#no", "[x]", "= 1", "back\\slash", "t\tab")


@dataclass
class Pen:
    """Writes random TOML. Every scalar begins with a mark that occurs once, so that its line can be found by eye."""

    draw: st.DrawFn
    marks: int = 0
    rows: list[str] = field(default_factory=list)

    def pick(self, *choices: str) -> str:
        return self.draw(st.sampled_from(choices))

    def mark(self) -> str:
        self.marks += 1
        return f"mark{self.marks}x"

    def name(self, taken: set[str]) -> str:
        names = st.sampled_from(
            ["a", "b-1", "7", "é", 'q"uo', "dot.ted", " ", "#no", "[x]", "= 1", "back\\slash", "t\tab"]
        )
        name = self.draw(names.filter(lambda n: n not in taken))
        taken.add(name)
        return name

    def key(self, name: str) -> str:
        bare = name.isascii() and name.replace("-", "").isalnum()
        styles = [name] if bare else []
        if "'" not in name:
            styles.append(f"'{name}'")
        escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
        return self.pick(*styles, f'"{escaped}"')

    def keys(self, taken: set[str]) -> list[str]:
        """The parts of a dotted key. Only the first is shared with its neighbours, so nothing is written twice."""
        return [self.key(self.name(taken)), *(self.key(self.name(set())) for _ in range(self.draw(st.integers(0, 2))))]

    def dots(self, keys: list[str]) -> str:
        return self.pick(".", " . ", "\t.").join(keys)

    def scalar(self) -> str:
        m = self.mark()
        return self.pick(
            f'"{m} # no \\" ] }}, comment"',
            f"'{m} \\'",
            f'"{m}"',
            f'"""{m}\n# = [x]\nk = "1" \\"""\n\n""y"""""',
            f"'''{m}\n[[not]]\n''a'''''",
            f'"""{m} \\\n   joined"""',
            f'"{m}\\\\"',
        )

    def gap(self) -> str:
        return self.pick("", " ", "\n", " # ] comment ,\n", "\r\n  ", "\n\n")

    def value(self, depth: int) -> str:
        kind = self.pick("scalar", "list", "table") if depth else "scalar"
        if kind == "scalar":
            return self.scalar()
        if kind == "list":
            parts = [self.gap() + self.value(depth - 1) + self.gap() for _ in range(self.draw(st.integers(0, 3)))]
            comma = "," if parts and self.draw(st.booleans()) else ""
            return "[" + ",".join(parts) + comma + self.gap() + "]"
        taken: set[str] = set()
        pairs = []
        for _ in range(self.draw(st.integers(0, 2))):
            keys = [self.key(self.name(taken))] + [
                self.key(self.name(set())) for _ in range(self.draw(st.integers(0, 1)))
            ]
            pairs.append(f"{self.dots(keys)}{self.pick('', ' ')}={self.pick('', ' ')}{self.value(depth - 1)}")
        return "{" + self.pick("", " ") + ", ".join(pairs) + self.pick("", " ") + "}"

    def body(self, taken: set[str]) -> None:
        for _ in range(self.draw(st.integers(0, 3))):
            keys = [self.key(self.name(taken))] + [
                self.key(self.name(set())) for _ in range(self.draw(st.integers(0, 2)))
            ]
            end = self.pick("", ' # [x] "comment', "  ")
            self.rows.append(f"{self.pick('', '  ', chr(9))}{self.dots(keys)} = {self.value(2)}{end}")
            if self.draw(st.booleans()):
                self.rows.append(self.pick("", "# a comment = [", "   "))

    def tables(self, above: list[str], taken: set[str], depth: int) -> None:
        for _ in range(self.draw(st.integers(0, 2))):
            here = [*above, self.key(self.name(taken))]
            many = self.draw(st.booleans())
            for _ in range(self.draw(st.integers(1, 3)) if many else 1):
                if many or self.draw(st.booleans()) or not depth:
                    self.rows.append(f"[[{self.dots(here)}]]" if many else f"[ {self.dots(here)} ]")
                    inner: set[str] = set()
                    self.body(inner)
                else:  # a table that only its children name
                    inner = set()
                if depth:
                    self.tables(here, inner, depth - 1)


@st.composite
def documents(draw: st.DrawFn) -> str:
    pen = Pen(draw)
    taken: set[str] = set()
    pen.body(taken)
    pen.tables([], taken, 2)
    text = "\n".join(pen.rows) + pen.pick("", "\n", "\n# the end")
    return pen.pick("", "\ufeff") + (text.replace("\r\n", "\n").replace("\n", "\r\n") if draw(st.booleans()) else text)


@given(documents())
@example('a = """"""\nb = ""\nc = \'\'\nd = [[], {}, [[1]]]\n[x.y]\n[x]\n[[x.z]]\n[x.z.w]\n[[x.z]]\n[x.z.w]\nk = 2')
@example("\ufeffk = 1979-05-27 07:32:00 # a comment\r\nl = [1,\r\n2]")
def test_every_value_of_tomllib_has_its_line_and_nothing_else_has_one(text: str) -> None:
    values = paths(tomllib.loads(text.removeprefix("\ufeff")))
    found = lines(text)
    assert found.keys() == values.keys()
    rows = text.split("\n")
    assert all(1 <= line <= len(rows) for line in found.values())
    for path, value in values.items():
        if isinstance(value, str) and value.startswith("mark"):
            mark = value[: value.index("x") + 1]
            assert mark in rows[found[path] - 1], path


def test_headers_and_list_elements_stand_on_their_own_lines() -> None:
    text = '[release]\nname = "x"\n\n[[tier]]\nname = "a"\n[[tier]]\nquota = [\n  "1",\n  # why\n  "2",\n]\n'
    found = lines(text)
    assert found[("release",)] == 1
    assert found[("tier", 1)] == 6
    assert found[("tier", 1, "quota")] == 7
    assert found[("tier", 1, "quota", 1)] == 10
