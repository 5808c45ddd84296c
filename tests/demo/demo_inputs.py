"""What the demo's tests draw and check: any column a caller may send, and that an answer is plain, finite JSON."""

from __future__ import annotations

import json

from hypothesis import strategies as st

# All magnitudes, zeros of both signs, numbers too small to square, whole numbers, neighbours among the floats.
numbers = st.one_of(
    st.integers(-5, 5),
    st.floats(-1e100, 1e100, allow_nan=False),
    st.sampled_from([0.0, -0.0, 5e-324, 1e-200, -1e-160, 1e100, -1e100, 1e16, 1e16 + 2, 0.1, 10**99]),
)
labels = st.one_of(st.sampled_from(["red", "blue", "", "1"]), st.text(max_size=3))


@st.composite
def tables(draw: st.DrawFn, missing: bool = True, text: bool = True) -> dict[str, list[object]]:
    """One to four columns of one to twelve rows, each of numbers or of labels, with gaps if `missing`."""
    rows = draw(st.integers(1, 12))
    table: dict[str, list[object]] = {}
    for name in draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True)):
        cells = draw(st.sampled_from([numbers, labels, st.booleans()])) if text else numbers
        table[name] = draw(st.lists(st.one_of(cells, st.none()) if missing else cells, min_size=rows, max_size=rows))
    return table


def plain(answer: object) -> object:
    """The answer as a reader of its JSON gets it. Fails for NaN, infinity and whatever JSON has no word for."""
    return json.loads(json.dumps(answer, allow_nan=False))
