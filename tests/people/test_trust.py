"""Trust scores: the settled table, its bounds, and that more of what is good never lowers it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.discovery.partners import TrustRecord
from shared.people.trust import is_white_glove, trust_score

PAPERS = {"has_licence": True, "has_insurance": True, "has_tax_id": True, "has_identity": True}
PERFECT = {"orders": 100, "on_time": 10_000, "completed": 10_000, "rating_hundredths": 500, "ratings": 40}

records = st.builds(
    TrustRecord,
    has_licence=st.booleans(),
    has_insurance=st.booleans(),
    has_tax_id=st.booleans(),
    has_identity=st.booleans(),
    orders=st.integers(0, 1_000),
    on_time=st.integers(0, 10_000),
    completed=st.integers(0, 10_000),
    rating_hundredths=st.integers(0, 500),
    ratings=st.integers(0, 500),
)


@pytest.mark.parametrize(
    ("record", "score"),
    [
        ({}, 0),
        (PAPERS, 75),
        ({**PAPERS, **PERFECT}, 100),
        ({"has_licence": True}, 25),
        ({"has_insurance": True}, 20),
        ({"has_tax_id": True}, 15),
        ({"has_identity": True}, 15),
        ({**PAPERS, **PERFECT, "completed": 9_000}, 100 - 1 - 20),
        ({**PAPERS, **PERFECT, "completed": 8_000}, 100 - 2 - 40),
        ({**PAPERS, **PERFECT, "completed": 0, "on_time": 0}, 75 + 5 - 40),
        ({**PERFECT, "completed": 0, "on_time": 0}, 0),
    ],
)
def test_the_table(record: dict[str, object], score: int) -> None:
    assert trust_score(TrustRecord.model_validate(record)) == score


def test_white_glove_begins_at_seventy() -> None:
    assert is_white_glove(TrustRecord.model_validate(PAPERS))
    assert not is_white_glove(TrustRecord.model_validate({**PAPERS, "has_insurance": False}))


@given(records, st.sampled_from(["on_time", "completed", "rating_hundredths"]), st.integers(0, 2_000))
def test_it_stays_within_bounds_and_better_is_never_worse(record: TrustRecord, what: str, more: int) -> None:
    assert 0 <= trust_score(record) <= 100
    most = 500 if what == "rating_hundredths" else 10_000
    better = record.model_copy(update={what: min(most, getattr(record, what) + more)})
    assert trust_score(better) >= trust_score(record)
