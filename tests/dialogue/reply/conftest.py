"""What reads replies, with the words of the app."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from shared.dialogue.phrasebook import Phrasebook
from shared.dialogue.reply.reading import ReplyReader
from shared.dialogue.reply.sentiment import SentimentReader
from shared.discovery.intents.vocabulary import Vocabulary
from shared.discovery.taxonomy import Taxonomy
from tests.discovery.conftest import taxonomy_of_the_app

WORDS = Path(__file__).parents[3] / "data" / "dialogue"


@pytest.fixture(scope="session")
def phrasebook() -> Phrasebook:
    files = {file.stem: tomllib.loads(file.read_text("utf-8")) for file in WORDS.glob("*.toml")}
    return Phrasebook.model_validate(files)


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return taxonomy_of_the_app()


@pytest.fixture(scope="session")
def reader(taxonomy: Taxonomy, phrasebook: Phrasebook) -> ReplyReader:
    return ReplyReader(Vocabulary(taxonomy), phrasebook.replies)


@pytest.fixture(scope="session")
def moods(taxonomy: Taxonomy, phrasebook: Phrasebook) -> SentimentReader:
    return SentimentReader(phrasebook.moods, taxonomy)
