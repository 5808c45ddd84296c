"""A program that knows only `from_pretrained`: refused with the words, then configuration, tokenizer and weights."""

import json
import os

import transformers
from transformers import AutoConfig, AutoTokenizer

told = json.loads(os.environ["TOLD"])
repo, key = told["repository"], told["key"]
seen = {"version": transformers.__version__}
try:
    AutoConfig.from_pretrained(repo, subfolder="weights", token=told["stranger"])
except OSError as no:
    seen["refused"] = str(no)
config = AutoConfig.from_pretrained(repo, subfolder="weights", token=key)
seen["config"] = [config.model_type, config.hidden_size]
tokenizer = AutoTokenizer.from_pretrained(repo, subfolder="weights", token=key)
seen["tokens"] = tokenizer.encode("hello world")
seen["text"] = tokenizer.decode(seen["tokens"])
from safetensors.numpy import load_file  # noqa: E402
from transformers.utils import cached_file  # noqa: E402

weights = load_file(cached_file(repo, "model.safetensors", subfolder="weights", token=key))
seen["weights"] = weights["line"].tolist()
print(json.dumps(seen))
