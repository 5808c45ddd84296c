"""An owner's program: who asks for the release? Accept one, reject one, grant one. Runs with each client's major."""

import json
import os

import huggingface_hub as hub
from huggingface_hub import HfApi

told = json.loads(os.environ["TOLD"])
repo = told["repository"]
api = HfApi(token=told["key"])
seen = {"version": hub.__version__}


def named(listed):
    return [[r.username, r.email, r.status] for r in listed]


seen["pending"] = named(api.list_pending_access_requests(repo))
if told["asker"]:
    (asked,) = [r for r in api.list_pending_access_requests(repo) if r.username == told["asker"]]
    seen["fields"], seen["year"] = asked.fields, asked.timestamp.year
    api.accept_access_request(repo, told["asker"])
    seen["accepted"] = named(api.list_accepted_access_requests(repo))
if told["unlucky"]:
    api.reject_access_request(repo, told["unlucky"], rejection_reason="no reason given")
    seen["rejected"] = named(api.list_rejected_access_requests(repo))
try:
    HfApi(token=told["stranger"]).list_pending_access_requests(repo).__iter__().__next__()
except Exception as no:
    seen["refused"] = str(no)
refs = HfApi(token=False).list_repo_refs(repo)
seen["refs"] = [refs.branches[0].name, [t.name for t in refs.tags], refs.branches[0].target_commit]
seen["sha"] = HfApi(token=False).model_info(repo, revision=refs.branches[0].target_commit[:9]).sha
seen["expanded"] = HfApi(token=False).model_info(repo, expand=["sha", "gated"]).gated
print(json.dumps(seen))
