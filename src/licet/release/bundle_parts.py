"""Is a whole closed source file pasted into one that goes out? Told by its lines, wherever they stand in the other.

Only lines that say something count: long enough, and no comments, which many files share. A file whose every such line
stands in another one is in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

LARGEST: Final = 4 << 20
_LONG: Final = 16  # ink in a line that says something
_ENOUGH: Final = 120  # ink in all of them together: less is a coincidence
_COMMENT: Final = (b"#", b"//", b"/*", b"*", b";", b"--", b"<!--", b"%", b'"""')


def lines(content: bytes) -> frozenset[bytes]:
    """The lines of a text that say something, without their white space; none for what is no text."""
    if b"\0" in content[:8192]:
        return frozenset()
    bare = (line.translate(None, b" \t\r\v\f") for line in content.split(b"\n"))
    return frozenset(line for line in bare if len(line) >= _LONG and not line.startswith(_COMMENT))


class Pasted:
    """The closed files by their lines."""

    def __init__(self, closed: Iterable[tuple[str, bytes]]) -> None:
        self._size: dict[str, int] = {}
        self._holders: dict[bytes, list[str]] = defaultdict(list)
        for path, content in closed:
            told = lines(content)
            if sum(map(len, told)) >= _ENOUGH:
                self._size[path] = len(told)
                for line in told:
                    self._holders[line].append(path)

    def __bool__(self) -> bool:
        return bool(self._size)

    def into(self, content: bytes) -> Iterator[str]:
        """The closed files that are wholly in this content."""
        found = Counter(path for line in lines(content) for path in self._holders.get(line, ()))
        yield from sorted(path for path, hits in found.items() if hits == self._size[path])
