"""What does a folder say of itself? One pass over its files; every reader sees each file once."""

from __future__ import annotations

import codecs
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from licet.licenses.identify import Identification
from licet.release.check import kinds
from licet.release.check.meaning import meaning
from licet.release.check.readers import marks
from licet.release.check.readers.card import read_card
from licet.release.check.readers.header import HEAD, Headers
from licet.release.check.readers.license_file import license_statement, stored_id
from licet.release.check.readers.lineage import is_lineage, read_config, read_lineage
from licet.release.check.readers.manifest import is_manifest, read_manifest
from licet.release.check.readers.reuse import read_reuse
from licet.release.check.readers.secret_lines import secret_lines
from licet.release.check.readers.weights import bases_in, license_in, read_weights
from licet.release.check.statement import About, By, File, Meaning, Mention, Place, Statement, Tree, folder_of
from licet.release.check.walk import RELEASE, walk

MOST: Final = 2 << 20  # bytes read of one text; what comes after them is not looked at
_PROSE: Final = 256 << 10
_MOST_PROSE: Final = 32 << 20
_SPEAKS_WEIGHTS: Final = (".safetensors", ".gguf")

Told = tuple[str, int, Meaning]
Progress = Callable[[int, int], None]


def read_tree(root: Path, progress: Progress = lambda seen, all_of: None) -> Tree:
    """Everything said in the folder. `progress` is told how many files were seen, of how many, every few hundred."""
    shut: list[Place] = []
    files = walk(root, lambda path, wrong: shut.append(Place(path or ".", 0, f"cannot be read ({wrong.strerror})")))
    tree = Tree(files=list(files))
    tree.broken += shut
    weighty = {folder_of(f.path) for f in tree.files if f.kind == "weights"}
    pass_ = _Pass(root, tree, weighty)
    for n, file in enumerate(tree.files):
        if n % 256 == 0:
            progress(n, len(tree.files))
        if not file.link:
            pass_.file(file)
        elif file.link != ".." and kinds.is_license(file.path):  # a link to a text that lies elsewhere in the release
            pass_.file(replace(file, size=MOST))
    tree.statements += grouped(pass_.headers_found, {f.path: f.kind for f in tree.files})
    progress(len(tree.files), len(tree.files))
    return tree


class _Pass:
    def __init__(self, root: Path, tree: Tree, weighty: set[str]) -> None:
        self.root, self.tree, self.weighty = root, tree, weighty
        self.paths = frozenset(f.path for f in tree.files)
        self.base = str(root)
        self.kept = 0
        self.headers = Headers()
        self.headers_found: list[Told] = []
        self.identified: dict[str, Identification] = {}

    def file(self, file: File) -> None:
        try:
            if file.path.lower().endswith(_SPEAKS_WEIGHTS):
                self.weights(file)
            elif not kinds.is_opaque(file.path) and (data := self.text_of(file)) is not None:
                self.text(file, data)
        except OSError as wrong:
            self.tree.broken.append(Place(file.path, 0, f"cannot be read ({wrong.strerror})"))

    def text_of(self, file: File) -> bytes | None:
        """The beginning of the file, up to `MOST` bytes; None for what is no text."""
        with open(f"{self.base}/{file.path}", "rb", buffering=0) as stream:  # noqa: PTH123 (10,000 times)
            data = stream.read(min(file.size, HEAD))
            if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # Windows writes texts so
                return (data + stream.read(MOST - HEAD)).decode("utf-16", "replace").encode("utf-8", "replace")
            if b"\0" in data:
                return None
            return data + stream.read(MOST - HEAD) if file.size > HEAD else data

    def weights(self, file: File) -> None:
        tree, folder = self.tree, folder_of(file.path)
        try:
            told = read_weights(self.root / file.path, file.path)
        except ValueError as wrong:
            tree.broken.append(Place(file.path, 0, str(wrong)))
            return
        if (written := license_in(told)) and (said := meaning(written)):
            tree.statements.append(Statement(file.path, 0, "metadata", folder, "weights", written, said))
        tree.mentions += [Mention(file.path, 0, folder, base) for base in bases_in(told)]

    def text(self, file: File, data: bytes) -> None:
        tree, path = self.tree, file.path
        tree.secrets += [Place(path, line, what) for line, what in secret_lines(data)]
        if marks.SIGN in data:
            tree.marks += marks.read_marks(path, _decoded(data))
        name = path.rpartition("/")[2]
        if path.endswith(".license") and path.removesuffix(".license") in self.paths:
            if told := self.headers.read(path, data[:HEAD], code=False):
                self.headers_found.append((path, *told))
        elif id := stored_id(path):
            tree.texts.setdefault(id, path)
            said = license_statement(path, _decoded(data), self.identified)
            if said.closest:  # kept under the name of a license that it is not
                tree.statements.append(replace(said, folder=path))
        elif kinds.is_license(path) and not kinds.is_template(path, data):
            self.license(path, _decoded(data))
        elif kinds.is_policy(path):
            tree.policies.append(Place(path, 1, ""))
            self.keep(path, _decoded(data[:_PROSE]))
        elif kinds.is_card(path):
            text = _decoded(data)
            self.keep(path, text[:_PROSE])
            read_card(tree, path, text, speaks_of_weights=folder_of(path) in self.weighty)
        elif is_manifest(path):
            tree.statements += read_manifest(path, _decoded(data))
        elif name == "REUSE.toml":
            tree.statements += read_reuse(path, _decoded(data))
        elif is_lineage(path):
            tree.mentions += read_lineage(path, _decoded(data))
            if folder_of(path) in self.weighty:  # any program may have a config.json; one beside weights is theirs
                tree.statements += read_config(path, _decoded(data))
        elif kinds.is_notice(path):
            self.keep(path, _decoded(data[:_PROSE]))
        elif path != RELEASE and (told := self.headers.read(path, data[:HEAD], code=file.kind == "code")):
            self.headers_found.append((path, *told))

    def keep(self, path: str, text: str) -> None:
        """Prose in which the rules look for names and words; a thousand READMEs must not fill the memory."""
        self.kept += len(text)
        if self.kept <= _MOST_PROSE:
            self.tree.prose[path] = text

    def license(self, path: str, text: str) -> None:
        said = license_statement(path, text, self.identified)
        self.tree.statements.append(said)
        for id in said.meaning.ids:
            self.tree.texts.setdefault(id, path)


def grouped(found: Sequence[Told], kind: dict[str, About]) -> list[Statement]:
    """Headers that say the same of one folder are one statement: a hundred equal lines are one thing to mend."""
    by: dict[tuple[str, str, About], list[Told]] = defaultdict(list)
    for path, line, said in found:
        about = kind.get(path.removesuffix(".license"), "") or "code"
        by[folder_of(path), said.expression, about].append((path, line, said))
    how: By = "header"
    return [
        Statement(rows[0][0], rows[0][1], how, folder, about, expression, rows[0][2], copies=len(rows))
        for (folder, expression, about), rows in by.items()
    ]


def _decoded(data: bytes) -> str:
    """The text with line feeds only, so that lines count as an editor counts them."""
    return data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
