"""How does a manifest read in the Hub's JSON? Field by field what its clients look at, and nothing made up beside it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, Literal

from licet.gate.files import Manifest, sent
from licet.gate.hub_card import front
from licet.gate.rights import Record

Gated = Literal["auto", "manual", False]


_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
PAGE = 1000  # entries of a tree in one answer


def info(manifest: Manifest, gated: Gated, now_s: int, wanted: Collection[str] = ()) -> bytes:
    """`/api/models/{repository}`: the version, its files, and what has to be done to have them; of `wanted`, where a
    client names them (`?expand=`), those alone."""
    told = _info(manifest, gated, now_s)
    if wanted:
        told = {k: v for k, v in told.items() if k in wanted or k in ("_id", "id")}
    if wanted and "siblings" not in wanted:
        return _dumps(told).encode()
    return _dumps(told).encode()[:-1] + b',"siblings":' + manifest.listing.siblings + b"}"


def refs(manifest: Manifest) -> bytes:
    """`/api/models/{repository}/refs`: one branch, and the version as its tags."""

    def ref(kind: str, name: str) -> dict[str, str]:
        return {"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": manifest.commit}

    tags = [ref("tags", name) for name in dict.fromkeys(manifest.tags)]
    return _dumps({"branches": [ref("heads", "main")], "tags": tags, "converts": [], "pullRequests": []}).encode()


def _info(manifest: Manifest, gated: Gated, now_s: int) -> dict[str, Any]:
    release = manifest.release
    data = front(release, sent(release, now_s), now_s, manifest.files)
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
    }


def tree(
    manifest: Manifest, under: str, *, recursive: bool, expand: bool = False, after: str = "", most: int = PAGE
) -> tuple[bytes, str] | None:
    """The files (and folders) below a folder, in the order of their paths, from `after` on; and the last of them where
    there are more. None: there is no such folder."""
    if under and under not in manifest.folders:
        return None
    found, more = manifest.listing.below(under, recursive=recursive, after=after, most=most)
    return _entries(manifest, found, expand), found[-1] if more else ""


def paths(manifest: Manifest, asked: Iterable[str], expand: bool = False) -> bytes:
    """What is known of these paths; one that is not there is left out."""
    named = (path.strip("/") for path in dict.fromkeys(asked))
    return _entries(manifest, [path for path in named if path in manifest.listing.entries], expand)


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


def _entries(manifest: Manifest, found: Iterable[str], expand: bool) -> bytes:
    told = (manifest.listing.entries[path] for path in found)
    if expand:  # every file is of the one commit that there is
        title = f"{manifest.release.name} {manifest.release.version}"
        commit = {"id": manifest.commit, "title": title, "date": _moment(manifest.changed_s)}
        more = b',"lastCommit":' + _dumps(commit).encode() + b"}"
        told = (entry[:-1] + more for entry in told)
    return b"[" + b",".join(told) + b"]"


def _moment(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
