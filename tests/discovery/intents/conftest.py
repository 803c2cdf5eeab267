"""One resolver for all tests of this folder, built from the repository's own taxonomy."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from shared.discovery.intents.resolver import Resolver
from shared.discovery.intents.vocabulary import Vocabulary
from shared.discovery.taxonomy import Taxonomy

FOLDER = Path(__file__).parents[3] / "data" / "taxonomy"
NAMES = (
    "Posh Peanut Blanket in Sage",
    "Posh Peanut Romper in Fern",
    "Cashmere Throw in Oat",
    "Two Dozen Crimson Roses, Hand Tied",
    "Baby Shower Balloons in Gold",
    "Baby Shower Cake in Mint",
)
NEIGHBOURHOODS = ("Zilker", "Hyde Park", "South Congress", "Barton Hills", "East Austin", "Mueller")


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return Taxonomy.model_validate({path.stem: tomllib.loads(path.read_text()) for path in FOLDER.glob("*.toml")})


@pytest.fixture(scope="session")
def vocabulary(taxonomy: Taxonomy) -> Vocabulary:
    return Vocabulary(taxonomy, NAMES)


@pytest.fixture(scope="session")
def resolver(taxonomy: Taxonomy) -> Resolver:
    return Resolver(taxonomy, NAMES, NEIGHBOURHOODS)
