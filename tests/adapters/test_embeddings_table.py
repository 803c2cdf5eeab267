"""The embedding table: pieces as BERT cuts them, vectors of unit length, what is alike near each other."""

import asyncio
import importlib.util
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from shared.adapters.embeddings_table import DIMS, FILES, TEXTS_AT_ONCE_MAX, TableEmbeddings
from shared.adapters.word_pieces import CHARACTERS_MAX, TOKENS_MAX, WORD_CHARACTERS_MAX, WordPieces, words

FOLDER = Path(__file__).parents[2] / "data" / "embeddings"
TABLE = TableEmbeddings(FOLDER)
VOCABULARY = (FOLDER / "vocabulary.txt").read_text(encoding="utf-8").split()
PIECES = WordPieces({piece: number for number, piece in enumerate(VOCABULARY)})

# Something wanted, what is near it, and what is not.
NEARER = [
    ("roses", "flowers", "limousine"),
    ("bouquet of tulips", "flower arrangement", "leather wallet"),
    ("baby shower gift", "newborn hamper", "whiskey decanter"),
    ("swaddle for an infant", "baby blanket", "car detailing"),
    ("something sweet", "box of chocolate truffles", "table lamp"),
    ("birthday cake", "cupcakes with sprinkles", "massage"),
    ("limo", "chauffeured black sedan", "scented candle"),
    ("airport pickup", "shuttle transfer", "engagement ring"),
    ("wine tour", "vineyard tasting", "dog grooming"),
    ("champagne", "prosecco", "teddy bear"),
    ("romantic dinner with a view", "rooftop restaurant for couples", "carpet cleaning"),
    ("place to eat", "taco restaurant", "pearl earrings"),
    ("wedding photographer", "engagement photo session", "dog treats"),
    ("same-day delivery", "courier", "violin concert"),
    ("helium balloons", "party decorations", "running shoes"),
    ("jewelry", "silver necklace", "pizza"),
    ("put initials on it", "monogram embroidery", "sushi"),
    ("engraved flask", "laser engraving", "salsa dance lesson"),
    ("help me relax", "spa massage", "power drill"),
    ("scented candle", "home fragrance diffuser", "skateboard"),
    ("thank you notes", "greeting cards", "zipline"),
    ("toy for a toddler", "wooden building blocks", "bottle of gin"),
    ("stuffed animal", "plush bunny", "tuxedo rental"),
    ("shorten my trousers", "tailor alterations", "ice cream"),
    ("food for an office party", "catering", "diamond ring"),
    ("tent and chairs", "party rental", "perfume"),
    ("live music", "string quartet", "soap"),
    ("entertain the kids", "magician", "cufflinks"),
    ("get well soon", "care package with soup", "bachelor party bus"),
    ("funeral flowers", "sympathy wreath", "birthday piñata"),
    ("gift for a dog lover", "pet portrait", "nail polish"),
    ("leaking sink", "plumber", "love poems"),
    ("someone to watch the children", "babysitter", "steakhouse"),
    ("keep warm", "wool blanket", "concert tickets"),
    ("coffee lover", "espresso beans", "balance bike"),
    ("propose to my girlfriend", "engagement ring", "lawn mowing"),
    ("gift for a bookworm", "mystery novel", "hair dye"),
    ("gift for mom", "present for mother", "truck tires"),
    ("crème brûlée", "creme brulee", "bicycle repair"),
]  # fmt: skip


def vectors_of(*texts: str) -> NDArray[np.float32]:
    return asyncio.run(TABLE.embed(texts))


def pieces_of(text: str) -> list[str]:
    return [VOCABULARY[number] for number in PIECES.tokens(text)]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Baby Blanket", ["baby", "blanket"]),
        ("monogrammed towels", ["mono", "##gram", "##med", "towels"]),
        ("don't", ["don", "'", "t"]),
        ("under $50!", ["under", "$", "50", "!"]),
        ("Crème brûlée", ["cr", "##eme", "br", "##ule", "##e"]),
        ("same-day_courier", ["same", "-", "day", "_", "courier"]),
        ("gift\x00card\u200b s\u00adoap", ["gift", "##card", "soap"]),
        ("tea\x1fcup\ttea\u2003cup", ["tea", "cup", "tea", "cup"]),
        ("n\u0303ame", ["name"]),
        ("🎁 rose", ["rose"]),
        ("\ud800 rose", ["rose"]),
        ("日本 rose", ["日", "本", "rose"]),
        ("", []),
        (" \n\t", []),
    ],
)  # fmt: skip
def test_pieces(text: str, pieces: list[str]) -> None:
    assert pieces_of(text) == pieces


def test_a_word_too_long_or_unknown_in_part_has_no_pieces_and_harms_no_other() -> None:
    assert pieces_of("a" * WORD_CHARACTERS_MAX) != []
    assert pieces_of("a" * (WORD_CHARACTERS_MAX + 1) + " rose") == ["rose"]
    assert pieces_of("rose\U0001e900 rose") == ["rose"]


def test_long_texts_are_cut() -> None:
    assert len(PIECES.tokens("rose " * 1_000)) == TOKENS_MAX
    assert pieces_of(" " * CHARACTERS_MAX + "rose") == []


@given(st.text())
def test_the_pieces_of_a_word_put_together_are_the_word(text: str) -> None:
    for word in words(text):
        pieces = pieces_of(word)
        joined = pieces[0] + "".join(piece.removeprefix("##") for piece in pieces[1:]) if pieces else word
        assert joined == word
        assert all(piece.startswith("##") for piece in pieces[1:])


@given(st.text())
def test_pieces_do_not_depend_on_case_of_ascii_nor_on_the_space_around(text: str) -> None:
    assert PIECES.tokens(f"\n {text}  ") == PIECES.tokens(text)
    shouted = "".join(character.upper() if character.isascii() else character for character in text)
    assert pieces_of(shouted) == pieces_of(text)


@pytest.mark.parametrize(("wanted", "near", "far"), NEARER)
def test_what_is_alike_is_nearer(wanted: str, near: str, far: str) -> None:
    own, alike, other = vectors_of(wanted, near, far)
    assert own @ alike > own @ other + 0.05


@given(st.lists(st.text(max_size=60), max_size=20))
def test_a_row_a_text_of_unit_length_or_zero(texts: list[str]) -> None:
    rows = vectors_of(*texts)
    assert rows.shape == (len(texts), DIMS)
    assert rows.dtype == np.float32
    is_known = np.array([bool(PIECES.tokens(text)) for text in texts], bool)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), is_known, atol=1e-5)


@given(st.lists(st.sampled_from(["", "🎁", *(text for triple in NEARER for text in triple)]), max_size=40))
def test_a_text_has_the_same_vector_alone_and_among_others(texts: list[str]) -> None:
    together = vectors_of(*texts)
    for text, row in zip(texts, together, strict=True):
        np.testing.assert_array_equal(vectors_of(text)[0], row)


def test_a_list_longer_than_is_summed_at_once() -> None:
    rows = vectors_of(*["roses", "", "limo"] * TEXTS_AT_ONCE_MAX)
    np.testing.assert_array_equal(rows, np.tile(vectors_of("roses", "", "limo"), (TEXTS_AT_ONCE_MAX, 1)))


def test_the_order_of_words_does_not_matter() -> None:
    first, second = vectors_of("red rose bouquet", "bouquet rose red")
    np.testing.assert_allclose(first, second, atol=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000, "rose " * 20_000, "'" * 100_000, "##" * 50_000, "[PAD] [UNK] [CLS]",
        "\x00" * 100_000, "🎁" * 50_000, "e" + "\u0301" * 100_000, "\ud800", "ﷺ" * 30_000,
    ],
)  # fmt: skip
def test_hostile_texts_have_a_vector_too(text: str) -> None:
    row = vectors_of(text)[0]
    assert np.isfinite(row).all()
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5) or not row.any()


def test_many_threads_may_be_first() -> None:
    table = TableEmbeddings(FOLDER)
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda _: asyncio.run(table.embed(["roses"])), range(32)))
    for row in rows:
        np.testing.assert_array_equal(row, vectors_of("roses"))


def test_the_name_is_that_of_the_files(tmp_path: Path) -> None:
    assert TABLE.name == TableEmbeddings(FOLDER).name
    assert TABLE.name.startswith("table-1-")
    other = tmp_path / "table"
    other.mkdir()
    for name in FILES:
        (other / name).write_bytes((FOLDER / name).read_bytes())
    assert TableEmbeddings(other).name == TABLE.name
    with (other / "vocabulary.txt").open("a") as file:
        file.write("zzz\n")
    assert TableEmbeddings(other).name != TABLE.name


def test_the_files_fit_each_other_and_are_small() -> None:
    vectors, scales = np.load(FOLDER / "vectors.npy"), np.load(FOLDER / "scales.npy")
    assert vectors.dtype == np.int8
    assert vectors.shape == (len(VOCABULARY), DIMS)
    assert scales.shape == (len(VOCABULARY),)
    assert np.isfinite(scales).all()
    assert (scales > 0).all()
    assert len(set(VOCABULARY)) == len(VOCABULARY)
    assert sum((FOLDER / name).stat().st_size for name in FILES) < 12_000_000


def test_the_table_ranks_the_graded_titles_better_than_its_teacher_did() -> None:
    spec = importlib.util.spec_from_file_location("measure", FOLDER / "measure.py")
    assert spec is not None
    assert spec.loader is not None
    measure = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(measure)
    graded = measure.read_graded(FOLDER / "graded.txt")
    reached = measure.ndcg(vectors_of(*graded.queries) @ vectors_of(*graded.titles).T, graded.gains).mean()
    assert reached > 0.393, "see data/embeddings/README.md"
