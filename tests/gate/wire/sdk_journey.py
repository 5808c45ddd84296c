"""One person with the unmodified `openai` package: finds models, talks, streams, embeds, is refused. Prints what happened.

Run as a program of its own, so that three majors of the package can be in one suite: `sdk_journey.py URL KEY MODEL`.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import openai


def main(url: str, key: str, model: str) -> dict[str, Any]:
    client = openai.OpenAI(base_url=url + "/v1", api_key=key, max_retries=2, timeout=60)
    told: dict[str, Any] = {"version": openai.__version__}
    told["models"] = [m.id for m in client.models.list()]
    told["model"] = client.models.retrieve(model).id
    question: Any = [{"role": "user", "content": "What is the capital of France? Answer in one sentence."}]
    answer = client.chat.completions.create(model=model, messages=question, max_tokens=8, temperature=0)
    told["chat"] = answer.choices[0].message.content
    told["chat_usage"] = [answer.usage.prompt_tokens, answer.usage.completion_tokens] if answer.usage else None
    told["request_id"] = answer._request_id

    stream = client.chat.completions.create(model=model, messages=question, max_tokens=8, temperature=0, stream=True)
    chunks = list(stream)
    told["stream"] = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    told["stream_usage_chunks"] = sum(1 for c in chunks if c.usage and not c.choices)
    asked = client.chat.completions.create(
        model=model,
        messages=question,
        max_tokens=8,
        temperature=0,
        stream=True,
        stream_options={"include_usage": True},
    )
    told["usage_asked"] = [c.usage.completion_tokens for c in asked if c.usage]

    told["completion"] = client.completions.create(model=model, prompt="Once upon a time", max_tokens=4).choices[0].text
    if hasattr(client, "responses"):
        made = client.responses.create(model=model, input="Say hello.", max_output_tokens=4)
        told["response_usage"] = made.usage.output_tokens if made.usage else None
    raw = client.chat.completions.with_raw_response.create(model=model, messages=question, max_tokens=2)
    told["limits"] = {k: v for k, v in raw.headers.items() if k.startswith("x-ratelimit-")}

    told["vector"] = client.embeddings.create(model="scripted", input="a b").data[0].embedding
    for name, act in {
        "unknown": lambda: client.chat.completions.create(model="no-such", messages=question),
        "refused": lambda: client.chat.completions.create(model="premium_only", messages=question),
        "images": lambda: client.images.generate(model=model, prompt="x"),
        "broken": lambda: list(client.chat.completions.create(model="scripted", messages=question, stream=True)),
        "spent": lambda: [
            client.chat.completions.create(model="spendable", messages=question, max_tokens=40) for _ in range(9)
        ],
    }.items():
        try:
            act()
            told[name] = "nothing was raised"
        except openai.APIError as error:
            kind, code = type(error).__name__, getattr(error, "code", None)
            told[name] = [kind, getattr(error, "status_code", None), code, str(error)]
    return told


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
