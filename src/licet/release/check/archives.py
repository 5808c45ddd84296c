"""What in an archive is a kept file? Archives are known by how they begin, never by their name, and read as a stream.

A checkpoint (`.pt`) and a document (`.docx`) are zip files as well. Members are weighed by size before anything of them is
unpacked, so that weights of many gigabytes cost their list of contents only.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Final, Protocol, cast

HEAD: Final = 512  # bytes that tell what a file is; a tar says so at its 257th
BROKEN: Final = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
)
_DEEPEST: Final = 2
_MOST: Final = 2 << 30  # bytes unpacked of one archive
_MOST_INNER: Final = 64 << 20  # bytes of an archive inside an archive
_ZIP: Final = b"PK\x03\x04"
_PACKED: Final[dict[bytes, Callable[[IO[bytes]], IO[bytes]]]] = {
    b"\x1f\x8b": lambda stream: cast(IO[bytes], gzip.GzipFile(fileobj=stream, mode="rb")),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}
_SHUT: Final = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "rar", b"\x28\xb5\x2f\xfd": "zstd"}


class Kept(Protocol):
    """The files that are kept: `same` by contents, `named` by path; "" for none."""

    sizes: frozenset[int]

    def same(self, stream: IO[bytes], size: int) -> str: ...

    def named(self, member: str) -> str: ...


def is_archive(head: bytes) -> bool:
    """Does a file that begins like this hold others?"""
    if head.startswith(b"BZh"):  # three letters that a text may begin with as well
        return head[4:10] == b"1AY&SY"
    return head.startswith((_ZIP, *_PACKED, *_SHUT)) or _is_tar(head)


def inside(stream: IO[bytes], name: str, kept: Kept, deep: int = 1) -> Iterator[tuple[str, str]]:
    """`member, kept file` for each member of an archive that is one by contents or by path.

    One of BROKEN where it cannot be looked into to its end.
    """
    head = stream.read(HEAD)
    stream.seek(0)
    if shut := next((kind for magic, kind in _SHUT.items() if head.startswith(magic)), ""):
        raise ValueError(f"Python cannot unpack {shut}")
    opener = next((opened for magic, opened in _PACKED.items() if head.startswith(magic)), None)
    if opener:
        with opener(stream) as unpacked:
            yield from _unpacked(unpacked, name, kept, deep)
    elif _is_tar(head):
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            yield from _tar(tar, kept, deep)
    else:
        yield from _zip(stream, kept, deep)


def _is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"


def _unpacked(stream: IO[bytes], name: str, kept: Kept, deep: int) -> Iterator[tuple[str, str]]:
    """A packed tar, or one packed file."""
    head = stream.read(HEAD)
    if _is_tar(head):
        stream.seek(0)
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            yield from _tar(tar, kept, deep)
        return
    body = head + stream.read(_MOST_INNER)
    if same := kept.same(io.BytesIO(body), len(body)):
        yield name.rpartition("/")[2].rpartition(".")[0] or name, same
    elif is_archive(head) and deep < _DEEPEST:
        yield from inside(io.BytesIO(body), name, kept, deep + 1)


def _zip(stream: IO[bytes], kept: Kept, deep: int) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            if same := kept.named(member.filename):
                yield member.filename, same
                continue
            if member.file_size in kept.sizes:
                with archive.open(member) as inner:
                    if same := kept.same(inner, member.file_size):
                        yield member.filename, same
                        continue
            if deep < _DEEPEST and member.file_size <= _MOST_INNER:
                with archive.open(member) as inner:
                    yield from _deeper(inner, member.filename, kept, deep)


def _tar(tar: tarfile.TarFile, kept: Kept, deep: int) -> Iterator[tuple[str, str]]:
    seen = 0
    for member in tar:
        seen += member.size
        if seen > _MOST:
            raise ValueError("too large")
        if not member.isfile() or (stream := tar.extractfile(member)) is None:
            continue
        if same := kept.named(member.name):
            yield member.name, same
        elif member.size in kept.sizes:
            body = io.BytesIO(stream.read())  # a stream is read once
            if same := kept.same(body, member.size):
                yield member.name, same
            elif deep < _DEEPEST:
                body.seek(0)
                yield from _deeper(body, member.name, kept, deep)
        elif deep < _DEEPEST and member.size <= _MOST_INNER:
            yield from _deeper(stream, member.name, kept, deep)


def _deeper(stream: IO[bytes], name: str, kept: Kept, deep: int) -> Iterator[tuple[str, str]]:
    head = stream.read(HEAD)
    if is_archive(head):
        for inner, same in inside(io.BytesIO(head + stream.read()), name, kept, deep + 1):
            yield f"{name}/{inner}", same
