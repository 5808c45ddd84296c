"""What is a file, by its name alone: code, weights, data, a text; a license, a use policy; part of a test?"""

from __future__ import annotations

import re
from typing import Final

from licet.release.check.statement import About

_CODE: Final = frozenset((
    ".py", ".pyi", ".pyx", ".pxd", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".c", ".h", ".cc", ".cpp", ".cxx",
    ".hpp", ".hh", ".cu", ".cuh", ".java", ".kt", ".go", ".rs", ".rb", ".php", ".swift", ".scala", ".sh", ".bash",
    ".pl", ".lua", ".r", ".jl", ".m", ".mm", ".cs", ".vue", ".sql", ".proto", ".s", ".f90", ".f", ".hs", ".ml",
    ".el", ".ipynb",
))  # fmt: skip
_WEIGHTS: Final = frozenset((
    ".safetensors", ".gguf", ".ggml", ".pt", ".pth", ".ckpt", ".onnx", ".h5", ".msgpack", ".tflite", ".mlmodel",
    ".npz", ".params", ".engine", ".pdparams",
))  # fmt: skip
_DATA: Final = frozenset((
    ".parquet", ".arrow", ".csv", ".tsv", ".jsonl", ".tfrecord", ".webdataset", ".feather",
))  # fmt: skip
_DOCS: Final = frozenset((
    ".md", ".rst", ".txt", ".adoc", ".tex", ".html",
))  # fmt: skip
_OPAQUE: Final = frozenset((
    ".so", ".dylib", ".dll", ".a", ".o", ".pyc", ".pyd", ".exe", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico",
    ".svgz", ".pdf", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".mp3", ".mp4", ".wav", ".flac", ".ogg", ".webm",
    ".mov", ".zip", ".gz", ".bz2", ".xz", ".zst", ".tar", ".tgz", ".whl", ".egg", ".jar", ".7z", ".rar", ".db",
    ".sqlite3", ".mo", ".npy", ".bin", ".pack", ".wasm", ".node", ".dat", ".pb", ".lib", ".class",
))  # fmt: skip
ARCHIVES: Final = (".zip", ".whl", ".egg", ".jar", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tbz2", ".tar.xz", ".gz")

_LICENSE: Final = re.compile(
    r"(?:(?:[\w.-]+[-_.])?(?:un)?licen[cs]e|copying)(?:[-_.][\w.+-]*)?(?:\.(?:txt|md|rst|html))?", re.IGNORECASE
)
_NOT_TEXT: Final = re.compile(r"\.(?:py|pyi|js|ts|json|toml|ya?ml|c|h|cpp|go|rs|css|sh|spdx|po|pyc|svg|png|license)$")
_BUNDLED: Final = re.compile(r"third|3rd|bundled|dependenc|vendor|other|thanks|header|template|notice|list", re.I)
_POLICY: Final = re.compile(r"(?:acceptable[-_ ]?)?(?:use|usage)[-_ ]?policy(?:\.\w+)?", re.IGNORECASE)
_NOTICE: Final = re.compile(r"(?:notice|third[-_]?party[-_]?\w*|attribution|credits|acknowledg\w+)s?(?:\.\w+)?", re.I)
_CARD: Final = re.compile(
    r"(?:readme|model[-_]?card|data(?:set)?[-_]?card)(?:\.(?:md|rst|txt|markdown))?", re.IGNORECASE
)
_TEST: Final = re.compile(
    r"(?:^|/)(?:tests?|testing|fixtures?|examples?|docs?|test_[^/]*|[^/]*_test\.\w+|conftest\.py)(?:/|$)"
)


def kind_of(path: str, size: int = 0) -> About:
    """The kind of part that such a file belongs to; "" for what belongs to all of them."""
    suffix = _suffix(path)
    if suffix in _CODE:
        return "code"
    name = path.rpartition("/")[2].lower()
    if suffix in _WEIGHTS or (suffix == ".bin" and ("model" in name or size > 50_000_000)):
        return "weights" if suffix != ".npz" or size > 50_000_000 else ""
    if suffix in _DATA:
        return "data"
    return "docs" if suffix in _DOCS and not is_license(path) and not is_notice(path) else ""


def _suffix(path: str) -> str:
    """As pathlib has it, at a tenth of its cost: it is asked of every file."""
    stem, dot, end = path.rpartition("/")[2].rpartition(".")
    return f".{end.lower()}" if dot and stem else ""


def is_opaque(path: str) -> bool:
    return (suffix := _suffix(path)) in _OPAQUE or suffix in _WEIGHTS


def is_license(path: str) -> bool:
    """Is it the text under which the folder goes out? Collections of other people's licenses are not."""
    name = path.rpartition("/")[2]
    return bool(_LICENSE.fullmatch(name)) and not _NOT_TEXT.search(name) and not _BUNDLED.search(name)


def is_template(path: str, data: bytes) -> bool:
    """A page of a site about licenses, which is made from it: no text that anything goes out under."""
    return _suffix(path) == ".html" and b"{%" in data


def license_about(path: str) -> About:
    """`LICENSE-MODEL` speaks of weights, `LICENSE.code` of code; a plain `LICENSE` does not say."""
    name = path.rpartition("/")[2].casefold()
    for word, about in _ABOUT.items():
        if re.search(rf"(?:^|[-_.]){word}s?(?:[-_.]|$)", name):
            return about
    return ""


_ABOUT: Final[dict[str, About]] = {
    "model": "weights",
    "weight": "weights",
    "checkpoint": "weights",
    "code": "code",
    "data": "data",
    "dataset": "data",
    "doc": "docs",
    "documentation": "docs",
}


def is_policy(path: str) -> bool:
    return bool(_POLICY.fullmatch(path.rpartition("/")[2]))


def is_notice(path: str) -> bool:
    return bool(_NOTICE.fullmatch(path.rpartition("/")[2]))


def is_card(path: str) -> bool:
    return bool(_CARD.fullmatch(path.rpartition("/")[2]))


def is_test(path: str) -> bool:
    """What stands in tests, examples and documentation is seldom meant."""
    return bool(_TEST.search(path.casefold()))
