"""Would something proprietary go out? And is what is kept back really there?"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from licet.errors import Finding
from licet.release.check.statement import folder_of
from licet.release.check.view import DOCUMENT, View


def find(view: View) -> Iterator[Finding]:
    for place in view.tree.broken:
        yield Finding(
            place.path,
            place.line,
            "unreadable",
            f"`{place.path}` {place.what}",
            "mend the file or leave it out",
            "warning",
        )
    for file in view.tree.files:
        if file.link == "..":
            says = f"`{file.path}` is a link that leads out of the release, or nowhere"
            yield Finding(
                file.path, 0, "link-outside", says, "put the file itself here, or take the link out", "warning"
            )
    for place in view.tree.leaks:
        mend = "take it out of what goes out, or give it an open license"
        yield Finding(place.path, place.line, "leak", f"`{place.path}` {place.what}", mend)
    for part in view.parts:
        if part.component and part.component.proprietary:
            yield from _nothing(view, part.name, part.folder, part.component.line, part.files)


def _nothing(view: View, name: str, folder: str, line: int, files: int) -> Iterator[Finding]:
    if not folder:
        says = f"component `{name}` is proprietary and has no `path`, so nothing can keep it apart from the rest"
        yield Finding(DOCUMENT, line, "nothing-kept", says, "give it a `path` of its own")
    elif not files and any(p.files for p in view.open_parts()):
        near = _near(view, folder)
        says = f"component `{name}` is proprietary, and `{folder}/` holds no file"
        if near:
            says += f"; `{near}/` does, and its files would go out"
            yield Finding(
                DOCUMENT, line, "nothing-kept", says, f'write `path = "{near}/"`, or name the other folder otherwise'
            )
        else:
            mend = "mend the path if its files lie elsewhere: there they would go out. If they lie outside, all is well"
            yield Finding(DOCUMENT, line, "nothing-kept", says, mend, "note")


def _near(view: View, folder: str) -> str:
    """A folder that was meant, by all appearance: the same in other letters, or a slip of the finger away."""
    folders = {folder_of(f.path) for f in view.tree.files if "/" in f.path} - {p.folder for p in view.parts}
    deep = folder.count("/") + 1
    level = {"/".join(f.split("/")[:deep]) for f in folders if f.count("/") + 1 >= deep} - {
        p.folder for p in view.parts
    }
    found = get_close_matches(folder.casefold(), {f.casefold() for f in level}, n=1, cutoff=0.85)
    return next((f for f in sorted(level) if found and f.casefold() == found[0]), "")
