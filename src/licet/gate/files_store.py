"""Which objects of an S3-compatible store does a component have, and how are their bytes had?

Where the store stands and with which key it is opened is told by the environment, in the names that every S3 client reads
(`AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`). Bytes are asked for
by the object's own ETag, so what was hashed is what is sent, or nothing is.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from licet.errors import LicetError

if TYPE_CHECKING:
    from obstore.store import S3Store

CHUNK = 1 << 20
PIECE = 16 << 20  # of one request: what a slow client does not take in `PATIENCE` is asked for anew, from where it was
PATIENCE = "60s"
ATTEMPTS = 4
RETRIES: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=6)}
SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")  # no worker sees them


class Object(NamedTuple):
    """One object in one state: `store` as licet.toml has it, `key` below it."""

    store: str
    key: str
    etag: str
    size: int
    changed_s: int

    @property
    def place(self) -> str:
        return f"{self.store}/{self.key}"


class Stores:
    """The stores of the releases, opened at need. `key_of` tells the value of a variable; `kept` is where digests are
    remembered (None: only in memory)."""

    def __init__(self, key_of: Callable[[str], str | None], kept: Path | None) -> None:
        self._key_of, self._kept = key_of, kept
        self._open: dict[str, S3Store] = {}
        self._known: dict[str, tuple[str, int, str]] = _read(kept) if kept else {}
        self._moved = False

    def listed(self, store: str) -> list[Object]:
        """Its objects, in the order of their keys. Blocks. LicetError where they cannot be told."""
        obstore = _obstore(store)
        found: list[Object] = []
        with _told(store):
            for many in obstore.list(self._opened(store)):
                for one in many:
                    if not one["e_tag"]:
                        raise LicetError("the store tells no ETag of its objects", where=store)
                    changed_s = int(one["last_modified"].timestamp())
                    found.append(Object(store, one["path"], one["e_tag"], one["size"], changed_s))
        return sorted(found, key=lambda o: o.key)

    def digest(self, at: Object) -> str:
        """SHA-256 of an object: read once for each ETag and size, whatever the number of starts. Blocks."""
        known = self._known.get(at.place)
        if known is not None and known[:2] == (at.etag, at.size):
            return known[2]
        obstore, ink = _obstore(at.place), sha256()
        with _told(at.place):
            for start, stop in _pieces(0, at.size):
                ink.update(obstore.get(self._opened(at.store), at.key, options=_options(at, start, stop)).bytes())
        self._known[at.place], self._moved = (at.etag, at.size, ink.hexdigest()), True
        self.keep()  # ten gigabytes are not read again because the eleventh could not be
        return ink.hexdigest()

    def keep(self, places: set[str] | None = None) -> None:
        """Remember what is known; where `places` are given, of these alone."""
        if places is not None and not self._known.keys() <= places:
            self._known = {place: told for place, told in self._known.items() if place in places}
            self._moved = True
        if self._moved and self._kept is not None:
            beside = self._kept.with_name(f"{self._kept.name}.{os.getpid()}")
            with suppress(OSError):
                beside.write_text(json.dumps(self._known), encoding="utf-8")
                beside.replace(self._kept)
        self._moved = False

    async def there(self, at: Object) -> bool:
        """Does it still lie there as it was hashed? LicetError where the store does not answer."""
        obstore = _obstore(at.place)
        with _told(at.place):
            try:
                found = await obstore.head_async(self._opened(at.store), at.key)
            except (FileNotFoundError, obstore.exceptions.NotFoundError):
                return False
        return (found["e_tag"], found["size"]) == (at.etag, at.size)

    async def parts(self, at: Object, start: int, stop: int) -> AsyncGenerator[bytes]:
        """Its bytes from `start` up to `stop`, as they come. LicetError where another stands in its place, or where the
        store has broken off and does not go on."""
        obstore = _obstore(at.place)
        tries = 0
        while start < stop:
            end = min(start + PIECE, stop)
            try:
                found = await obstore.get_async(self._opened(at.store), at.key, options=_options(at, start, end))
                async for part in found.stream(min_chunk_size=CHUNK):
                    start += len(part)
                    tries = 0
                    yield bytes(part)
            except Exception as error:
                tries += 1
                if tries >= ATTEMPTS or _final(error):
                    raise _wrong(at.place, error) from None

    async def link(self, at: Object, lasts_s: int) -> str:
        """An address at which the store itself gives the object to whoever has it, for so long."""
        obstore = _obstore(at.place)
        with _told(at.place):
            return str(
                await obstore.sign_async(self._opened(at.store), "GET", at.key, expires_in=timedelta(seconds=lasts_s))
            )

    def _opened(self, store: str) -> S3Store:
        found = self._open.get(store)
        if found is None:
            found = self._open[store] = self._made(store)
        return found

    def _made(self, store: str) -> S3Store:
        obstore = _obstore(store)
        bucket, _, prefix = store.removeprefix("s3://").partition("/")
        endpoint = self._key_of("AWS_ENDPOINT_URL_S3") or self._key_of("AWS_ENDPOINT_URL") or ""
        told: dict[str, Any] = {
            "endpoint": endpoint,
            "region": self._key_of("AWS_REGION") or self._key_of("AWS_DEFAULT_REGION"),
            "access_key_id": self._key_of("AWS_ACCESS_KEY_ID"),
            "secret_access_key": self._key_of("AWS_SECRET_ACCESS_KEY"),
            "session_token": self._key_of("AWS_SESSION_TOKEN"),
        }
        if not told["access_key_id"] and not self._key_of("AWS_ROLE_ARN"):
            told["skip_signature"] = endpoint != ""  # at AWS itself the machine's own role is asked
        options: Any = {"timeout": PATIENCE, "connect_timeout": "5s", "allow_http": endpoint.startswith("http://")}
        made: S3Store = obstore.store.S3Store(
            bucket, prefix=prefix or None, client_options=options, retry_config=RETRIES,
            **{k: v for k, v in told.items() if v},
        )  # fmt: skip
        return made


def _obstore(place: str) -> Any:
    """The library, imported when a store is first needed: nobody else waits for it or has to have it."""
    try:
        import obstore.exceptions
        import obstore.store
    except ImportError:
        raise LicetError("obstore is not installed", where=place, mend="pip install 'licet[objects]'") from None
    return obstore


def _pieces(start: int, stop: int) -> Iterator[tuple[int, int]]:
    while start < stop:
        yield start, min(start + PIECE, stop)
        start += PIECE


def _options(at: Object, start: int, stop: int) -> Any:
    return {"range": (start, stop), "if_match": at.etag}


@contextmanager
def _told(place: str) -> Iterator[None]:
    """What the store's library raises, as what is broken and how it is mended."""
    try:
        yield
    except LicetError:
        raise
    except Exception as error:
        raise _wrong(place, error) from None


_SAID = {
    "PreconditionError": ("the object has changed just now", ""),
    "PermissionDeniedError": ("the store refuses its key", "look at AWS_ACCESS_KEY_ID and what it may read"),
    "UnauthenticatedError": ("the store does not know its key", "look at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
    "InvalidPathError": ("it holds an object with a key that no path can have, such as `a//b`", "rename the object"),
    "FileNotFoundError": ("there is no such bucket or object", "look at `store` in licet.toml"),
    "NotFoundError": ("there is no such bucket or object", "look at `store` in licet.toml"),
}


def _final(error: Exception) -> bool:
    """Would asking again hear the same?"""
    return type(error).__name__ in _SAID


def _wrong(place: str, error: Exception) -> LicetError:
    """Its own words are not passed on: some name the key that was used, or quote a signed address."""
    kind = type(error).__name__
    what, mend = _SAID.get(kind, (f"the store gives no answer that can be used ({kind})", "look at AWS_ENDPOINT_URL"))
    return LicetError(what, where=place, mend=mend)


def _read(kept: Path) -> dict[str, tuple[str, int, str]]:
    """What was remembered; nothing where it is damaged, for it can be worked out again."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        told = json.loads(kept.read_text(encoding="utf-8"))
        return {str(p): (str(row[0]), int(row[1]), str(row[2])) for p, row in told.items() if len(row) == 3}
    return {}
