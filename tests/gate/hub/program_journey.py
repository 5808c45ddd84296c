"""A program of somebody's who has a key: discover, be refused, accept, download, verify. Runs with each client's major."""

import json
import os
import tempfile
import urllib.error
import urllib.request
from hashlib import sha256
from pathlib import Path

import huggingface_hub as hub
from huggingface_hub import HfApi, ModelCard, errors, hf_hub_download, snapshot_download

told = json.loads(os.environ["TOLD"])
url, key, repo = os.environ["HF_ENDPOINT"], told["key"], told["repository"]
WEIGHTS, OPEN = "weights/probe/model.safetensors", "code/ask.py"
seen = {"version": hub.__version__}


def refused(do, kind=errors.GatedRepoError):
    try:
        do()
    except kind as no:
        return str(no)
    raise AssertionError("it was not refused")


def digest(path):
    return sha256(Path(path).read_bytes()).hexdigest()


new = tempfile.mkdtemp()


stranger, api = HfApi(token=False), HfApi(token=key)

# --- discover, as nobody
info = stranger.model_info(repo, files_metadata=True)
seen["info"] = {"id": info.id, "sha": info.sha, "gated": info.gated, "license": info.card_data.license}
files = stranger.list_repo_files(repo)
assert files == [s.rfilename for s in info.siblings]
seen["files"] = files
tree = {e.path: e for e in stranger.list_repo_tree(repo, recursive=True)}
below = [e.path for e in stranger.list_repo_tree(repo, "weights/probe", revision=info.sha)]
assert below == sorted(p for p in tree if p.startswith("weights/probe/"))
paths = stranger.get_paths_info(repo, [OPEN, "weights", "nope"], revision="1.0.0")
assert sorted(p.path for p in paths) == [OPEN, "weights"]
card = ModelCard.load(repo, token=False)
seen["card"] = {"license": card.data.license, "says": "licet accept probe" in card.text}
text = hf_hub_download(repo, "LICENSES/LicenseRef-Licet-Demo-1.0.txt", token=False)
terms = json.loads(Path(hf_hub_download(repo, "terms.json", token=False)).read_text())
assert [c["license"] for c in terms["components"] if c["name"] == "probe"] == ["LicenseRef-Licet-Demo-1.0"]
assert stranger.file_exists(repo, OPEN)
assert not stranger.file_exists(repo, "nope.bin")
assert not stranger.repo_exists("nobody/nothing")
assert not stranger.revision_exists(repo, "v9")
refused(lambda: hf_hub_download("nobody/nothing", "x", token=key), errors.RepositoryNotFoundError)
refused(lambda: hf_hub_download("gpt2", "config.json", token=key), errors.RepositoryNotFoundError)
refused(lambda: hf_hub_download(repo, OPEN, repo_type="dataset", token=key), errors.RepositoryNotFoundError)
refused(lambda: stranger.dataset_info(repo), errors.RepositoryNotFoundError)
refused(lambda: hf_hub_download(repo, OPEN, revision="v9", token=key), errors.RevisionNotFoundError)
refused(lambda: hf_hub_download(repo, "nope.bin", token=key), errors.EntryNotFoundError)

# --- the open part, for everybody
opened = hf_hub_download(repo, OPEN, token=False)
assert digest(opened) == tree[OPEN].lfs.sha256

# --- refused, with the right words
seen["stranger"] = refused(lambda: hf_hub_download(repo, WEIGHTS, token=False))
seen["unaccepted"] = refused(lambda: hf_hub_download(repo, WEIGHTS, token=key))
seen["snapshot"] = refused(lambda: snapshot_download(repo, token=key))
seen["auth_check"] = refused(lambda: api.auth_check(repo))
seen["foreign"] = refused(lambda: hf_hub_download(repo, OPEN, token="hf_" + "x" * 34, cache_dir=new))
seen["nobody"] = refused(lambda: HfApi(token="lic_demo_wrong").whoami(), Exception)
only = snapshot_download(repo, token=False, allow_patterns="code/*", local_dir=tempfile.mkdtemp())
assert sorted(p.name for p in Path(only).glob("code/*")) == ["README.md", "ask.py"]

# --- who am I, accept, download, verify
seen["whoami"] = api.whoami()["name"]


def call(path, body=None):
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(url + path, body and json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


if told["accepts"]:
    (asked,) = call("/v1/acceptances")["asked"]
    assert asked["sha256"] == digest(text)
    call("/v1/acceptances", {"license": asked["license"], "sha256": asked["sha256"]})
else:
    import subprocess

    command = [*told["licet"], "accept", "probe", "--url", url, "--key", "-", "--yes"]
    bare = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(command, input=key, text=True, capture_output=True, env=bare)
    assert done.returncode == 0, done.stderr
    seen["command"] = done.stdout

weights = hf_hub_download(repo, WEIGHTS, token=key)
assert digest(weights) == tree[WEIGHTS].lfs.sha256
assert Path(weights).stat().st_size == tree[WEIGHTS].size
seen["auth"] = api.auth_check(repo) is None
whole = Path(snapshot_download(repo, token=key, revision="1.0.0"))
got = sorted(str(p.relative_to(whole)) for p in whole.rglob("*") if p.is_file())
assert got == files
for path in files:
    assert digest(whole / path) == tree[path].lfs.sha256, path
flat = Path(snapshot_download(repo, token=key, local_dir=tempfile.mkdtemp()))
assert all(digest(flat / path) == tree[path].lfs.sha256 for path in files)
try:
    from safetensors.numpy import load_file
except ImportError:
    seen["loaded"] = "safetensors is not installed"
else:
    line = load_file(weights)
    seen["loaded"] = round(float(line["weight"] @ [10, 0, 0, 0] + line["bias"][0]), 1)
seen["usage"] = call("/v1/me")["usage"]
print(json.dumps(seen))
