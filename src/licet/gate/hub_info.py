"""How does a manifest read in the Hub's JSON? Field by field what its clients look at, and nothing made up beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha1
from typing import Any, Literal

from licet.gate.files import File, Manifest, sent
from licet.gate.hub_card import front
from licet.gate.rights import Record

Gated = Literal["auto", "manual", False]


PAGE = 1000  # entries of a tree in one answer


def info(manifest: Manifest, gated: Gated, now_s: int, wanted: Collection[str] = ()) -> dict[str, Any]:
    """`/api/models/{repository}`: the version, its files, and what has to be done to have them; of `wanted`, where a
    client names them (`?expand=`), those alone."""
    told = _info(manifest, gated, now_s)
    return {k: v for k, v in told.items() if k in wanted or k in ("_id", "id")} if wanted else told


def refs(manifest: Manifest) -> dict[str, Any]:
    """`/api/models/{repository}/refs`: one branch, and the version as its tags."""

    def ref(kind: str, name: str) -> dict[str, str]:
        return {"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": manifest.commit}

    return {
        "branches": [ref("heads", "main")],
        "tags": [ref("tags", name) for name in dict.fromkeys(manifest.tags)],
        "converts": [],
        "pullRequests": [],
    }


def _info(manifest: Manifest, gated: Gated, now_s: int) -> dict[str, Any]:
    release = manifest.release
    data = front(release, sent(release, now_s), now_s)
    licenses = data["license"]
    changed = _moment(manifest.changed_s)
    return {
        "_id": manifest.commit[:24],
        "id": release.repository,
        "modelId": release.repository,
        "author": release.repository.partition("/")[0],
        "sha": manifest.commit,
        "lastModified": changed,
        "createdAt": changed,
        "private": False,
        "disabled": False,
        "gated": gated,
        "tags": [f"license:{one}" for one in ([licenses] if isinstance(licenses, str) else licenses)],
        "cardData": data,
        "siblings": [
            {"rfilename": f.path, "size": f.size, "blobId": _pointer(f.sha256, f.size)[0], "lfs": _lfs(f, "sha256")}
            for f in manifest.files.values()
        ],
    }


def tree(
    manifest: Manifest, under: str, *, recursive: bool, expand: bool = False, after: str = "", most: int = PAGE
) -> tuple[list[dict[str, Any]], str] | None:
    """The files (and folders) below a folder, in the order of their paths, from `after` on; and the last of them where
    there are more. None: there is no such folder."""
    if under and under not in manifest.folders:
        return None
    head = f"{under}/" if under else ""
    found = (path for path in (*manifest.files, *manifest.folders) if path.startswith(head) and path > after)
    kept = sorted(path for path in found if recursive or "/" not in path[len(head) :])
    page = kept[:most]
    return list(_entries(manifest, page, expand)), page[-1] if len(kept) > most else ""


def paths(manifest: Manifest, asked: Iterable[str], expand: bool = False) -> list[dict[str, Any]]:
    """What is known of these paths; one that is not there is left out."""
    named = (path.strip("/") for path in dict.fromkeys(asked))
    return list(_entries(manifest, [p for p in named if p in manifest.files or p in manifest.folders], expand))


def whoami(record: Record) -> dict[str, Any]:
    """The holder, by id: names and addresses are the portal's and stay there."""
    credential = record.credential
    return {
        "type": "user",
        "id": record.holder_id,
        "name": record.holder_id,
        "fullname": record.holder_id,
        "isPro": False,
        "orgs": [],
        "auth": {
            "type": "access_token",
            "accessToken": {"displayName": credential.key_id if credential else "", "role": "read"},
        },
    }


def _entries(manifest: Manifest, found: Iterable[str], expand: bool) -> Iterator[dict[str, Any]]:
    more: dict[str, Any] = {}
    if expand:  # every file is of the one commit that there is
        title = f"{manifest.release.name} {manifest.release.version}"
        more = {"lastCommit": {"id": manifest.commit, "title": title, "date": _moment(manifest.changed_s)}}
    for path in found:
        file = manifest.files.get(path)
        if file is None:
            oid = sha1(path.encode()).hexdigest()  # noqa: S324
            yield {"type": "directory", "path": path, "oid": oid, "size": 0, **more}
        else:
            oid = _pointer(file.sha256, file.size)[0]
            yield {"type": "file", "path": path, "size": file.size, "oid": oid, "lfs": _lfs(file, "oid"), **more}


def _moment(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _lfs(file: File, name: str) -> dict[str, Any]:
    return {name: file.sha256, "size": file.size, "pointerSize": _pointer(file.sha256, file.size)[1]}


@lru_cache(maxsize=4096)
def _pointer(sha256: str, size: int) -> tuple[str, int]:
    """The git id and the size of the pointer that stands for a large file in a repository: every file is one here, so
    that its ETag, its cache name and its check are its SHA-256."""
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()
    return sha1(b"blob %d\0" % len(text) + text).hexdigest(), len(text)  # noqa: S324
