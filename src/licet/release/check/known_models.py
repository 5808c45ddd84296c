"""Under which license is a model known to come, by its name? For bases that a card names without their terms.

Facts as the sheets in `licenses/shelf` have them (`seen_on`), for the publisher's own names. A name that only contains
the family (`somebody/Llama-3.1-8B-tuned`) is a likely guess, and said to be one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_S: Final = "LicenseRef-scancode-"
_ROWS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (  # publisher, name, license ids (several: by date)
    ("meta-llama", r"(?:meta-)?llama-?4", (_S + "llama-4-cla-2025",)),
    ("meta-llama", r"(?:meta-)?llama-?3\.3", (_S + "llama-3.3-license-2024",)),
    ("meta-llama", r"(?:meta-)?llama-?3\.2", (_S + "llama-3.2-license-2024",)),
    ("meta-llama", r"(?:meta-)?llama-?3\.1", (_S + "llama-3.1-license-2024",)),
    ("meta-llama", r"(?:meta-)?llama-?3(?![.\d])", ("LicenseRef-llama-3-2024",)),
    ("meta-llama", r"llama-?2(?![.\d])|codellama", (_S + "llama-2-license-2023",)),
    ("black-forest-labs", r"flux\.?-?2-dev", ("LicenseRef-flux-dev-nc-2.0",)),
    ("black-forest-labs", r"flux\.?-?1-(?:\w+-)?dev", ("LicenseRef-flux-1-dev-nc-1.1.1", _S + "flux-1-nc")),
    ("google", r"gemma-?(?:2|2b|7b|1\.1)(?![.\d])", (_S + "gemma-tou-2024-04-01", _S + "gemma-tou-2025-03-24")),
    ("google", r"(?:med|shield|code)?gemma-?3n?(?![.\d])", (_S + "gemma-tou-2025-03-24",)),
    ("stabilityai", r"stable-diffusion-3(?:\.5)?(?![.\d])", (_S + "stability-ai-community-2024",)),
    ("stabilityai", r"stable-diffusion-xl-base-1\.0|sdxl-?(?:base-?)?1\.0", ("LicenseRef-creativeml-openrail-pp-m-2023-07-26",)),
    ("stabilityai", r"stable-diffusion-2", (_S + "bigscience-open-rail-m2",)),
    ("compvis|runwayml|stable-diffusion-v1-5", r"stable-diffusion-v1", (_S + "stable-diffusion-2022-08-22",)),
    ("bigscience", r"bloomz?(?![a-z])", (_S + "bigscience-rail-1.0",)),
    ("bigcode", r"starcoder2?|santacoder", (_S + "bigcode-open-rail-m-v1",)),
    ("databricks", r"dbrx", ("LicenseRef-databricks-open-model",)),
    ("deepfloyd", r"if-i{1,3}-", ("LicenseRef-deepfloyd-if",)),
    ("facebook", r"dinov3", ("LicenseRef-dinov3-2025-08-19",)),
    ("facebook", r"sam3", ("LicenseRef-sam-2025-11-19",)),
    ("facebook", r"chameleon", (_S + "chameleon-research-2024",)),
    ("tiiuae", r"falcon-180b", ("LicenseRef-falcon-180b-tii-1.0",)),
    ("tiiuae", r"falcon-11b|falcon2", (_S + "falcon-2-11b-1.0",)),
    ("mistralai", r"codestral-22b", ("LicenseRef-mistral-non-production-0.1",)),
    ("mistralai", r"ministral-8b-instruct-2410|mistral-large-instruct-24|pixtral-large", ("LicenseRef-mistral-research-0.1",)),
    ("tencent", r"hunyuanvideo(?![\w-])", ("LicenseRef-tencent-hunyuan-community-2024-12-03",)),
    ("tencent", r"hunyuan3d-2(?![.\d])", (_S + "tencent-hunyuan-3d-2.0-cla",)),
    ("lgai-exaone", r"exaone-(?:3\.5|deep)", (_S + "exaone-ai-model-1.1-nc",)),
    ("naver-hyperclovax", r"hyperclovax-seed", (_S + "hyperclova-x-seed-2025",)),
    ("qwen", r"qwen2\.5-72b", (_S + "qwen-2024",)),
    ("qwen", r"qwen2-72b|qwen1\.5", (_S + "tongyi-qianwen-2023",)),
    ("moonshotai", r"kimi-k2", (_S + "moonshot-ai-modified-mit-2025",)),
    ("playgroundai", r"playground-v2(?![.\d])", (_S + "playground-v2-community",)),
    ("kwai-kolors", r"kolors", ("LicenseRef-kolors-2024",)),
    ("liquidai", r"lfm2", ("LicenseRef-lfm-open-1.0",)),
    ("minimaxai", r"minimax-(?:text|vl)-01", ("LicenseRef-minimax-model-2025-01-15",)),
    ("deepseek-ai", r"deepseek-v2|deepseek-coder(?!-v2)", (_S + "deepseek-la-1.0",)),
    ("xai-org", r"grok-2", ("LicenseRef-xai-community-2025-11-04",)),
)  # fmt: skip
_KNOWN: Final = tuple((re.compile(f"(?:{by})"), re.compile(name), ids) for by, name, ids in _ROWS)


@dataclass(frozen=True, slots=True)
class Known:
    """The licenses a model is known under; `sure` where the name is the publisher's own."""

    ids: tuple[str, ...]
    sure: bool


def known_model(name: str) -> Known | None:
    """What is known of a model by its name on a hub, or by its name alone."""
    publisher, slash, model = name.casefold().strip().rpartition("/")
    for by, pattern, ids in _KNOWN:
        if pattern.search(model):
            return Known(ids, not slash or bool(by.fullmatch(publisher)))
    return None
