"""What lies inside an archive? Every member's print, archives in archives too, told by their content and not by name."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, Final, cast

from licet.release.bundle_tree import CHUNK, Ink, Print

DEEPEST: Final = 6
_SPOOL: Final = 8 << 20  # kept in memory
_LOOKED_AT: Final = 64 << 20  # looked into whatever it begins with
_LEAST_BUDGET: Final = 1 << 30
_EXPANDS: Final = 200  # times its own size; what grows more than that was made to
_STREAMS: Final[dict[bytes, Callable[[BinaryIO], IO[bytes]]]] = {
    b"\x1f\x8b": lambda file: cast(IO[bytes], gzip.GzipFile(fileobj=file, mode="rb")),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}
_SHUT: Final = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!": "rar", b"\x28\xb5\x2f\xfd": "zstd", b"\x04\x22\x4d\x18": "lz4"}
_BROKEN: Final = (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zlib.error, lzma.LZMAError,
                  zipfile.BadZipFile, tarfile.TarError)  # fmt: skip


class Shut(Exception):
    """Nobody can look inside: why, in words."""


@dataclass(slots=True)
class _Budget:
    left: int

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise Shut("it unpacks to too much")


def members(file: BinaryIO, size: int) -> Iterator[tuple[str, Print]]:
    """The name and print of everything inside, at any depth; nothing for what is no archive.

    `Shut` for what cannot be looked into: encrypted, broken, of a kind that Python cannot read, or a bomb.
    """
    yield from _inside(file, "", 0, _Budget(max(_LEAST_BUDGET, size * _EXPANDS)))


def _inside(file: BinaryIO, path: str, depth: int, budget: _Budget) -> Iterator[tuple[str, Print]]:
    opener = _opener(file)
    if opener is None:
        return
    if depth >= DEEPEST:
        raise Shut("archives stand in archives too often")
    file.seek(0)
    try:
        for name, member in opener(file):
            yield from _member(member, f"{path}{name}", depth, budget)
    except _BROKEN as wrong:
        raise Shut(str(wrong) or type(wrong).__name__) from None


def _opener(file: BinaryIO) -> Callable[[BinaryIO], Iterator[tuple[str, IO[bytes]]]] | None:
    """How to unpack it; None for what is no archive."""
    file.seek(0)
    head = file.read(512)
    if kind := next((kind for magic, kind in _SHUT.items() if head.startswith(magic)), ""):
        raise Shut(f"Python cannot unpack {kind}")
    if any(head.startswith(magic) for magic in _STREAMS):
        return _stream
    if _is_zip(file):
        return _zip
    if head.startswith(b"PK\x03\x04"):
        raise Shut("its end is missing")
    return _tar if _is_tar(head) else None


def _is_zip(file: BinaryIO) -> bool:
    """Is it one, also with something before it? Numbers may end as an archive does, and are none."""
    if not zipfile.is_zipfile(file):
        return False
    try:
        zipfile.ZipFile(file).close()
    except _BROKEN:
        file.seek(0)
        return file.read(2) == b"PK"
    return True


def _stream(file: BinaryIO) -> Iterator[tuple[str, IO[bytes]]]:
    head = file.read(8)
    file.seek(0)
    yield "", next(opened for magic, opened in _STREAMS.items() if head.startswith(magic))(file)


def _zip(file: BinaryIO) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            if info.flag_bits & 1:
                raise Shut("it is encrypted")
            if not info.is_dir():
                with archive.open(info) as member:
                    yield info.filename, member


def _tar(file: BinaryIO) -> Iterator[tuple[str, IO[bytes]]]:
    # What stands behind the end of an archive is still in the file: zeros do not end the reading.
    with tarfile.open(fileobj=file, mode="r:", ignore_zeros=True) as archive:
        for member in archive:
            if member.isreg() and (content := archive.extractfile(member)):
                yield member.name, content


def _member(content: IO[bytes], name: str, depth: int, budget: _Budget) -> Iterator[tuple[str, Print]]:
    """The print of one member, and of what is in it. A large one that does not begin as an archive is not kept for that."""
    with SpooledTemporaryFile(max_size=_SPOOL) as kept:
        ink, keep = Ink(), True
        while chunk := content.read(CHUNK):
            budget.spend(len(chunk))
            ink.update(chunk)
            keep = keep and (ink.size <= _LOOKED_AT or _begins(kept))
            if keep:
                kept.write(chunk)
        yield name, ink.print()
        if keep:
            yield from _inside(cast(BinaryIO, kept), f"{name}/" if name else "", depth + 1, budget)


def _begins(kept: IO[bytes]) -> bool:
    """Does it begin as an archive does?"""
    end = kept.tell()
    kept.seek(0)
    head = kept.read(512)
    kept.seek(end)
    return head.startswith((b"PK", *_STREAMS, *_SHUT)) or _is_tar(head)


def _is_tar(head: bytes) -> bool:
    """Does the checksum of a tar's first header hold?"""
    try:
        return any(head) and tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape") is not None
    except tarfile.TarError:
        return False
