"""Trains a vector for each piece so that the sum of a text's pieces says what the teacher says of the text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy, embedding_bag, normalize

BATCH = 1024
PAIRS_A_BATCH = 256
TEMPERATURE = 0.2
PAIRS_TEMPERATURE = 0.1
PAIRS_WEIGHT = 0.05
RATE = 3e-3
SMOOTHING = 1e-3
"""The frequency at which a piece weighs half (the a of SIF: Arora, Liang and Ma, ICLR 2017)."""


class Bags(NamedTuple):
    """The pieces of many texts end to end, and where each text begins, with one end more."""

    pieces: NDArray[np.int64]
    firsts: NDArray[np.int64]

    def chosen(self, texts: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
        """The pieces of some texts end to end, and where each of them begins."""
        counts = self.firsts[texts + 1] - self.firsts[texts]
        starts = np.cumsum(counts) - counts
        places = np.arange(counts.sum()) + np.repeat(self.firsts[texts] - starts, counts)
        return torch.from_numpy(self.pieces[places]), torch.from_numpy(starts)


class Lesson(NamedTuple):
    """What is learnt: the teacher's vectors of texts, and which queries and titles are of one kind."""

    texts: Bags
    vectors: NDArray[np.float16]
    queries: Bags
    titles: Bags
    kinds: NDArray[np.int64]


def bags_of(tokens: list[list[int]]) -> Bags:
    """Lists of pieces, laid end to end."""
    firsts = np.concatenate([[0], np.cumsum([len(row) for row in tokens])])
    return Bags(np.concatenate([np.asarray(row, np.int64) for row in tokens]), firsts)


def projection(vectors: NDArray[np.float16], dims: int) -> NDArray[np.float32]:
    """The `dims` directions (384 by dims) along which the teacher's sentence vectors say most."""
    parts = (vectors[first : first + 8192].astype(np.float32) for first in range(0, len(vectors), 8192))
    moment = np.sum([part.T @ part for part in parts], axis=0)
    return np.linalg.eigh(moment)[1][:, ::-1][:, :dims].astype(np.float32)


def first_table(alone: NDArray[np.float16], texts: Bags, directions: NDArray[np.float32]) -> NDArray[np.float32]:
    """What to start from: the teacher's vector of each piece alone, centred, weighted down by its frequency."""
    centred = alone.astype(np.float32) - alone.astype(np.float32).mean(0)
    counts = np.bincount(texts.pieces, minlength=len(alone))
    weights = SMOOTHING / (SMOOTHING + counts / counts.sum())
    return (centred @ directions) * weights[:, np.newaxis].astype(np.float32)


def trained(
    table: NDArray[np.float32], lesson: Lesson, directions: NDArray[np.float32], epochs: int
) -> NDArray[np.float32]:
    """The table after some epochs over the lesson's texts, by Adam at a rate that falls to nothing."""
    weight = torch.nn.Parameter(torch.from_numpy(table.copy()))
    optimiser = torch.optim.Adam([weight], lr=RATE, fused=True)
    steps = len(lesson.vectors) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=epochs * steps, pct_start=0.05)
    onto = torch.from_numpy(directions)
    rng = np.random.default_rng(1)
    for epoch in range(epochs):
        losses = np.zeros(2)
        order = rng.permutation(len(lesson.vectors))
        for step in range(steps):
            optimiser.zero_grad()
            like_teacher = _teacher_loss(weight, lesson, order[step * BATCH : (step + 1) * BATCH], onto)
            like_kind = _pairs_loss(weight, lesson, rng.integers(0, len(lesson.kinds), PAIRS_A_BATCH))
            (like_teacher + PAIRS_WEIGHT * like_kind).backward()
            optimiser.step()
            schedule.step()
            losses += like_teacher.item(), like_kind.item()
        print(f"epoch {epoch + 1}: teacher {losses[0] / steps:.4f}, pairs {losses[1] / steps:.4f}", flush=True)  # noqa: T201
    return weight.detach().numpy()


def _vectors(weight: torch.Tensor, bags: Bags, texts: NDArray[np.int64]) -> torch.Tensor:
    pieces, starts = bags.chosen(texts)
    return normalize(embedding_bag(pieces, weight, starts, mode="sum"), dim=1)


def _teacher_loss(
    weight: torch.Tensor, lesson: Lesson, texts: NDArray[np.int64], onto: torch.Tensor
) -> torch.Tensor:
    """One less the cosine with the teacher's projected vectors, and the divergence of the similarities in the batch."""
    teacher = torch.from_numpy(lesson.vectors[texts].astype(np.float32))
    ours = _vectors(weight, lesson.texts, texts)
    distance = 1 - (ours * normalize(teacher @ onto, dim=1)).sum(1).mean()
    others = torch.zeros(len(texts), len(texts)).fill_diagonal_(-1e4)
    wanted = torch.softmax(teacher @ teacher.T / TEMPERATURE + others, 1)
    entropy = -(wanted * torch.log(wanted + 1e-12)).sum(1).mean()
    return distance + cross_entropy(ours @ ours.T / TEMPERATURE + others, wanted) - entropy


def _pairs_loss(weight: torch.Tensor, lesson: Lesson, pairs: NDArray[np.int64]) -> torch.Tensor:
    """How surprising it is, by the similarities, that a query is answered by a title of its kind."""
    similarities = _vectors(weight, lesson.queries, pairs) @ _vectors(weight, lesson.titles, pairs).T
    kinds = torch.from_numpy(lesson.kinds[pairs])
    scaled = similarities / PAIRS_TEMPERATURE
    of_kind = scaled.masked_fill(kinds[:, None] != kinds[None, :], -1e4)
    return (torch.logsumexp(scaled, 1) - torch.logsumexp(of_kind, 1)).mean()


def quantised(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """The table in whole numbers from -127 to 127, and what each row is multiplied by."""
    scales = np.maximum(np.abs(table).max(1), 1e-12) / 127
    return np.rint(table / scales[:, np.newaxis]).astype(np.int8), scales.astype(np.float32)
