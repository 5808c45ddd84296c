"""What do clients of the Hugging Face Hub find here? The wire of `huggingface_hub`, to the letter, with `HF_ENDPOINT` set
to this server.

What is said of a repository (its files' names, card, texts, terms) is said to everybody; a file of a component is sent to
whom the terms let have it. A path is looked up in the manifest and never joined to a folder, so none leads out of it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from licet.errors import LicetError
from licet.gate import body, hub_info, problem
from licet.gate.body import Bad
from licet.gate.door import NS, Door, Headers, Receive, Scope
from licet.gate.files import Manifest, Manifests
from licet.gate.hub_count import Downloads
from licet.gate.hub_file import Fetched, Files, about
from licet.gate.hub_link import CDN, Links
from licet.gate.hub_notice import notices
from licet.gate.hub_say import FOREIGN, foreign, line, missing, refused
from licet.gate.problem import NO_STORE, Reply
from licet.gate.rights import Record
from licet.ledger.turn import Turns
from licet.release.release import Release

log = logging.getLogger("licet.gate")

API, WHOAMI = "/api/models/", "/api/whoami-v2"
ROUTES: tuple[str, ...] = (
    "GET /api/whoami-v2",
    "GET /api/models/{ns}/{name}",
    "GET /api/models/{ns}/{name}/revision/{rev}",
    "GET /api/models/{ns}/{name}/tree/{rev}[/{path}]",
    "POST /api/models/{ns}/{name}/paths-info/{rev}",
    "GET /api/models/{ns}/{name}/refs",
    "GET /api/models/{ns}/{name}/auth-check",
    "GET /{ns}/{name}/resolve/{rev}/{path}",
    "GET /cdn/{ns}/{name}/{sha256}/{path}",
)
_RESOLVE = re.compile(
    r"/(?!(?:api|v1|access|accounts|admin|identity|licenses|docs|oauth|static|my|documents|cdn)/)"
    r"([^/]+/[^/]+)/resolve/([^/]+)/(.+)"
)
# Repositories that no release can be: of another kind, or (as the Hub's oldest) with a name alone.
_OTHER = re.compile(
    r"/(?:api/)?((?:datasets|spaces|kernels)/[^/]+(?:/(?!(?:resolve|revision|tree|refs|paths-info)(?:/|$))[^/]+)?)(?:/.*)?"
    r"|/(?!v1/|access/)([^/]+)/resolve/.+"
)
_ESCAPED = re.compile(rb"%(?:2f|5c|00)", re.IGNORECASE)
ASK_MOST_BYTES = 1 << 20
PATIENCE_S = 8  # a client gives up at ten: better told to come again while weights are read for the first time


class Hub:
    """The wire. `told` hears the code of every no; `data` is the data folder, `folder` that of the release."""

    def __init__(
        self, door: Door, turns: Turns, told: Callable[[str], None], folder: Path | None, data: Path | None
    ) -> None:
        self.door = door
        self.downloads = Downloads(door, turns, told)
        self.links = Links(door.config.url_key)
        config = door.config
        self.manifests = Manifests(folder, data, config.url, config.key_of) if folder else None
        self.files = Files(config, self.manifests, self.downloads, self.links) if self.manifests else None

    @staticmethod
    def takes(path: str) -> bool:
        """Is the path of this wire?"""
        if path.startswith((API, CDN)) or path == WHOAMI:
            return True
        return _RESOLVE.fullmatch(path) is not None or _OTHER.fullmatch(path) is not None

    async def warm(self) -> None:
        """Read what is new in the folder, so that the first to ask does not wait for it."""
        now_s = self.door.clock() // NS
        for name in self.door.rights.releases:
            release = self.door.rights.newest(name, now_s)
            if release.repository and self.manifests is not None:
                try:
                    await self._made(release, now_s)
                except (LicetError, OSError) as wrong:
                    log.error("the files of %s cannot be told: %s", name, wrong)

    async def __call__(self, scope: Scope, receive: Receive, send: Any, headers: Headers) -> tuple[str, Reply | int]:
        """The route for the metrics, and the reply; or its status, where it has been sent already."""
        now_ns = self.door.clock()
        request_id = self.door.request_id(now_ns)
        method, path = scope["method"], scope["path"]
        resolved = _RESOLVE.fullmatch(path)
        route = "/{ns}/{name}/resolve" if resolved else WHOAMI if path == WHOAMI else API
        reply: Reply | int
        try:
            if resolved and method in ("GET", "HEAD"):
                asked = (*resolved.groups(), bool(_ESCAPED.search(scope.get("raw_path") or b"")))
                reply = await self._file(scope, receive, send, headers, now_ns // NS, request_id, asked)
            elif resolved:
                reply = _method(method, "GET", request_id)
            elif path.startswith(CDN):
                route = CDN
                reply = await self._linked(scope, receive, send, headers, now_ns // NS, request_id)
            elif path != WHOAMI and not path.startswith(API) and (other := _OTHER.fullmatch(path)):
                reply = _no_repository(other[1] or other[2], request_id)
            else:
                reply = await self._told(scope, receive, headers, now_ns // NS, request_id)
        except (LicetError, OSError) as wrong:
            log.error("%s 503 %s", request_id, wrong)
            reply = problem.problem(503, "unavailable", "The files cannot be read at the moment.", request_id)
        if method == "HEAD" and isinstance(reply, tuple):
            reply = (reply[0], reply[1], b"")
        return route, reply

    # --- what is told of a repository

    async def _told(self, scope: Scope, receive: Receive, headers: Headers, now_s: int, request_id: str) -> Reply:
        if scope["path"] == WHOAMI:
            return self._whoami(scope, headers, now_s, request_id)
        ns, _, rest = scope["path"][len(API) :].partition("/")
        name, _, rest = rest.partition("/")
        release = self._release(f"{ns}/{name}", now_s)
        if release is None:
            return _no_repository(f"{ns}/{name}".rstrip("/"), request_id)
        what, _, rest = rest.partition("/")
        wanted = "POST" if what == "paths-info" else "GET"
        if scope["method"] != wanted and (wanted, scope["method"]) != ("GET", "HEAD"):
            return _method(scope["method"], wanted, request_id)
        manifest = await self._manifest(release, now_s, request_id)
        if isinstance(manifest, tuple):
            return manifest
        # Who asks is looked up after what may have taken a while: rights may have changed meanwhile.
        record = self._who(scope, headers, now_s, request_id)
        if isinstance(record, tuple):
            return record
        if what == "auth-check" and rest in ("", "write"):
            return self._auth_check(record, manifest, rest, now_s, request_id)
        # A revision of ours has no slash, so what follows one is a path.
        revision, _, path = (rest if what else "main").partition("/")
        revision = revision if what != "refs" or rest else "main"
        if what not in ("", "revision", "tree", "paths-info", "refs") or (path and what != "tree"):
            return problem.problem(404, "not_found", "There is nothing here.", request_id)
        if not manifest.knows(revision):
            return _no_revision(manifest, revision, request_id)
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        if what == "tree":
            return self._tree(asked, manifest, path.strip("/"), scope["path"], now_s, request_id)
        if what == "refs":
            told = hub_info.refs(manifest)
        elif what in ("", "revision"):
            told = hub_info.info(manifest, self._gated(manifest, now_s), now_s, asked.get("expand", ()))
        else:
            raw = await body.read(receive, headers, ASK_MOST_BYTES)
            if isinstance(raw, Bad):
                return problem.input_problem(raw, request_id)
            told = hub_info.paths(manifest, *_paths(raw, headers))
        return self._json(told, manifest, now_s, request_id)

    def _tree(
        self, asked: Mapping[str, list[str]], manifest: Manifest, under: str, here: str, now_s: int, request_id: str
    ) -> Reply:
        """One page of a tree; where it goes on stands in `Link`."""
        recursive, expand = (_yes(asked.get(name)) for name in ("recursive", "expand"))
        limit, after = asked.get("limit", ["0"])[0], asked.get("cursor", [""])[0]
        most = int(limit) if limit.isdigit() and 0 < int(limit[:9]) < hub_info.PAGE else hub_info.PAGE
        found = hub_info.tree(manifest, under, recursive=recursive, expand=expand, after=after, most=most)
        if found is None:
            return missing("EntryNotFound", f"There is no folder `{under}` in it.", request_id, manifest.commit)
        told, last = found
        reply = self._json(told, manifest, now_s, request_id)
        if last:
            query = urlencode({"recursive": recursive, "expand": expand, "limit": most, "cursor": last})
            there = f"{self.door.config.url.rstrip('/')}{quote(here)}?{query}"
            reply[1].append((b"link", f'<{there}>; rel="next"'.encode()))
        return reply

    def _whoami(self, scope: Scope, headers: Headers, now_s: int, request_id: str) -> Reply:
        if scope["method"] not in ("GET", "HEAD"):
            return _method(scope["method"], "GET", request_id)
        record = self._who(scope, headers, now_s, request_id)
        if isinstance(record, tuple):
            return record
        if record.credential is None:
            said = f"Nobody is signed in: pass a key from {self.door.config.url.rstrip('/')}/my/keys as token=..."
            no = problem.problem(401, "not_authenticated", said, request_id, headers=[problem.CHALLENGE])
            return refused(no, gated=False)
        return _plain(hub_info.whoami(record), [], request_id)

    def _auth_check(self, record: Record, manifest: Manifest, rest: str, now_s: int, request_id: str) -> Reply:
        """Yes where every component may be had; else the first reason why not."""
        if rest:
            no = problem.problem(403, "not_allowed", "Nothing is written over this wire.", request_id)
            return refused(no)
        for component in manifest.components:
            no_ = self.downloads.refusal(record, manifest.release, component, now_s, request_id)
            if no_ is not None:
                return no_
        return _plain({"ok": True}, [], request_id)

    def _gated(self, manifest: Manifest, now_s: int) -> hub_info.Gated:
        release = manifest.release
        stranger = self.door.rights.stranger("anon_nobody")
        closed = [c for c in manifest.components if not self.downloads.open_to_all(release, c, stranger, now_s)]
        by = {f.name for f in release.features if f.download in closed}
        if not closed:
            return False
        tiers = [t for t in release.tiers if not by.isdisjoint(t.features)]
        return "auto" if any(not t.requires_approval for t in tiers) else "manual"

    # --- a file

    async def _file(
        self, scope: Scope, receive: Receive, send: Any, headers: Headers, now_s: int, request_id: str,
        asked: tuple[Any, ...],
    ) -> Reply | int:  # fmt: skip
        repository, revision, path, escaped = asked
        release = self._release(repository, now_s)
        if release is None:
            return _no_repository(repository, request_id)
        manifest = await self._manifest(release, now_s, request_id)
        if isinstance(manifest, tuple):
            return manifest
        record = self._who(scope, headers, now_s, request_id)  # after what may have taken a while, as above
        if isinstance(record, tuple):
            return record
        if not manifest.knows(revision):
            return _no_revision(manifest, revision, request_id)
        file = None if escaped else manifest.files.get(path)
        if file is None:
            said = f"There is no file `{path}` in version {manifest.commit[:7]} of {repository}."
            return missing("EntryNotFound", said, request_id, manifest.commit)
        assert self.files is not None
        start = [*about(file, manifest, request_id), *self._notices(release, now_s)]
        if scope["method"] != "HEAD":
            visit = Fetched(record, release, file, now_s, request_id)
            return await self.files.fetched(visit, start, receive, send, headers)
        no = None
        if file.component:
            no = self.downloads.refusal(record, release, file.component, now_s, request_id)
        return no or (200, [*start, (b"content-length", b"%d" % file.size)], b"")

    async def _linked(
        self, scope: Scope, receive: Receive, send: Any, headers: Headers, now_s: int, request_id: str
    ) -> Reply | int:
        """`/cdn/…`: whoever has a link that this server signed a moment ago, whatever else they bring."""
        if scope["method"] not in ("GET", "HEAD"):
            return _method(scope["method"], "GET", request_id)
        raw = (scope.get("raw_path") or b"").partition(b"?")[0]
        good = None if _ESCAPED.search(raw) else self.links.read(scope["path"], scope.get("query_string", b""), now_s)
        if good is None:
            words = "This link does not hold, or no longer: ask for the file anew where the link came from."
            return problem.problem(403, "link_invalid", words, request_id, headers=[(b"x-error-message", line(words))])
        log.info("%s a link of %s is used", request_id, good.call_id)
        release = self._release(good.repository, now_s)
        manifest = await self._manifest(release, now_s, request_id) if release is not None else None
        if isinstance(manifest, tuple):
            return manifest
        file = manifest.files.get(good.path) if manifest is not None else None
        if manifest is None or file is None or file.sha256 != good.sha256:
            return problem.problem(404, "not_found", "The file has changed: ask for it anew.", request_id)
        start = about(file, manifest, request_id)
        if scope["method"] == "HEAD":
            return 200, [*start, (b"content-length", b"%d" % file.size)], b""
        assert self.files is not None
        return await self.files.sent(file, start, receive, send, headers, request_id)

    # --- who, which release, which version

    def _who(self, scope: Scope, headers: Headers, now_s: int, request_id: str) -> Record | Reply:
        if headers.get(b"authorization", b"").lower().startswith(FOREIGN) and not self.door.config.shadow:
            return refused(foreign(request_id, self.door.config.url))
        found = self.door.who(scope, headers, now_s, request_id)
        if isinstance(found, tuple):
            return refused(found)
        return found

    def _release(self, repository: str, now_s: int) -> Release | None:
        if self.manifests is None:
            return None
        self.door.rights.look(now_s)
        found = (self.door.rights.newest(name, now_s) for name in self.door.rights.releases)
        return next((r for r in found if r.repository and r.repository == repository), None)

    async def _made(self, release: Release, now_s: int) -> Manifest:
        assert self.manifests is not None
        document = self.door.rights.directory.document(release.sha256) or b""
        return await self.manifests.of(release, document, now_s)

    async def _manifest(self, release: Release, now_s: int, request_id: str) -> Manifest | Reply:
        try:
            return await asyncio.wait_for(self._made(release, now_s), PATIENCE_S)
        except TimeoutError:
            said = "The files of this version are being read for the first time: try again in a minute."
            return problem.problem(503, "unavailable", said, request_id, headers=[(b"retry-after", b"30")])

    def _notices(self, release: Release, now_s: int) -> Iterable[tuple[bytes, bytes]]:
        return notices(release, self.door.rights, now_s, self.door.config.url)

    def _json(self, told: bytes, manifest: Manifest, now_s: int, request_id: str) -> Reply:
        more = [(b"x-repo-commit", manifest.commit.encode()), *self._notices(manifest.release, now_s)]
        return _plain(told, more, request_id)


def _plain(told: object, more: Iterable[tuple[bytes, bytes]], request_id: str) -> Reply:
    payload = told if isinstance(told, bytes) else json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    length = (b"content-length", b"%d" % len(payload))
    return 200, [problem.JSON, length, NO_STORE, (b"x-request-id", request_id.encode()), *more], payload


def _paths(raw: bytes, headers: Headers) -> tuple[list[str], bool]:
    """The paths of a `paths-info`, from a form or from JSON, and whether all is to be told of them."""
    if headers.get(b"content-type", b"").startswith(b"application/json"):
        told = body.parse(raw, False)
        told = told if isinstance(told, dict) else {}
        named = told.get("paths", [])
        found = [p for p in named if isinstance(p, str)] if isinstance(named, list) else [str(named)]
        return found, told.get("expand") is True
    form = parse_qs(raw.decode("utf-8", "replace"))
    return form.get("paths", []), _yes(form.get("expand"))


def _yes(values: list[str] | None) -> bool:
    return bool(values) and values[0].lower() in ("true", "1")  # type: ignore[index]


def _method(method: str, wanted: str, request_id: str) -> Reply:
    words = f"`{method}` is not answered here; {wanted} is."
    return problem.problem(405, "method_not_allowed", words, request_id, headers=[(b"allow", wanted.encode())])


def _no_repository(repository: str, request_id: str) -> Reply:
    return missing("RepoNotFound", f"There is no repository `{repository}` here.", request_id)


def _no_revision(manifest: Manifest, revision: str, request_id: str) -> Reply:
    said = (
        f"There is no version `{revision}` of {manifest.release.repository} here: only main, {manifest.release.version}"
        f" and {manifest.commit}."
    )
    return missing("RevisionNotFound", said, request_id)
