"""A program that logs in as its manual says: no token is typed, a person says yes in a browser."""

import json

import huggingface_hub as hub
from huggingface_hub import get_token, login

login()
print(json.dumps({"version": hub.__version__, "name": hub.HfApi().whoami()["name"], "token": get_token()[:9]}))
