"""Long lists of files: the same as sorting and filtering all of them each time, without doing it each time."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from licet.gate.files_listing import listing

NAMES = st.lists(st.sampled_from(["a", "b", "a-b", "a.b", "é", "z"]), min_size=1, max_size=4).map("/".join)


@dataclass(frozen=True)
class File:
    path: str
    size: int = 7
    sha256: str = "0" * 64


def made(paths: set[str]) -> tuple[dict[str, File], set[str]]:
    """Files, and the folders above them; a path that is both is a folder here."""
    folders = {"/".join(p.split("/")[:n]) for p in paths for n in range(1, p.count("/") + 1)}
    return {p: File(p) for p in sorted(paths - folders)}, folders


@given(st.sets(NAMES, max_size=30), NAMES | st.just(""), st.booleans(), NAMES | st.just(""), st.integers(1, 9))
def test_a_page_is_what_sorting_and_filtering_all_gives(
    paths: set[str], under: str, recursive: bool, after: str, most: int
) -> None:
    files, folders = made(paths)
    found, more = listing(files, folders).below(under, recursive=recursive, after=after, most=most)
    head = f"{under}/" if under else ""
    all_ = sorted(p for p in (*files, *folders) if p.startswith(head) and p > after)
    wanted = [p for p in all_ if recursive or "/" not in p[len(head) :]]
    assert (found, more) == (wanted[:most], len(wanted) > most)


@given(st.sets(NAMES, max_size=20))
def test_what_is_written_once_is_json_that_names_every_file(paths: set[str]) -> None:
    files, folders = made(paths)
    told = listing(files, folders)
    assert [s["rfilename"] for s in json.loads(told.siblings)] == list(files)
    for path, entry in told.entries.items():
        read = json.loads(entry)
        assert (read["path"], read["type"]) == (path, "file" if path in files else "directory")
        assert len(read["oid"]) == 40
    assert set(told.order) == set(told.entries) == {*files, *folders}
