"""What can each feature of the demo be asked first? A small input that it takes, as JSON, for examples to be copied."""

from __future__ import annotations

INPUTS = {
    "licet.demo.features:basic_analysis": '{"data": [1, 2, 3, 4, 5]}',
    "licet.demo.features:data_preprocessing": '{"data": {"size": [1, null, 3], "kind": ["a", "b", "a"]}}',
    "licet.demo.features:advanced_modelling": '{"data": {"x": [1, 2, 3, 4, 5], "y": [2, 4, 6, 8, 10]}, "target": "y"}',
    "licet.demo.models:embeddings": '{"texts": ["It is permitted."]}',
    "licet.demo.models:chat": '{"messages": [{"role": "user", "content": "Hello"}]}',
}
