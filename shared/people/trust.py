"""How far a partner can be trusted, 0 to 100: papers that were checked, how the last orders went, what failed.

Licence 25, insurance 20, tax id 15, identity 15, then up to 25 by the record (on time 10, completed 10, ratings 5),
less up to 40 for what was not completed. (Settled rules, Trust score.)
"""

from __future__ import annotations

from shared.discovery.partners import TrustRecord

LICENCE, INSURANCE, TAX_ID, IDENTITY = 25, 20, 15, 15
ON_TIME_MAX, COMPLETED_MAX, RATINGS_MAX, FAILURES_MAX = 10, 10, 5, 40
WHITE_GLOVE_FROM = 70
STARS_FROM, STARS_TO = 300, 500
"""Average stars, times a hundred, from which ratings count at all, and at which they count in full."""
FAILED_ALL_FROM = 2_000
"""So many orders not completed, in basis points, take off all that failures can."""
_WHOLE = 10_000


def trust_score(record: TrustRecord) -> int:
    """The score in whole points; nobody's record counts before the first order."""
    papers = (
        LICENCE * record.has_licence
        + INSURANCE * record.has_insurance
        + TAX_ID * record.has_tax_id
        + IDENTITY * record.has_identity
    )
    if record.orders == 0:
        return papers
    earned = ON_TIME_MAX * record.on_time // _WHOLE + COMPLETED_MAX * record.completed // _WHOLE + _stars(record)
    failed = min(FAILED_ALL_FROM, _WHOLE - record.completed)
    return max(0, min(100, papers + earned - FAILURES_MAX * failed // FAILED_ALL_FROM))


def is_white_glove(record: TrustRecord) -> bool:
    """Whether a partner may serve where nothing must go wrong."""
    return trust_score(record) >= WHITE_GLOVE_FROM


def _stars(record: TrustRecord) -> int:
    if record.ratings == 0:
        return 0
    above = min(max(record.rating_hundredths - STARS_FROM, 0), STARS_TO - STARS_FROM)
    return RATINGS_MAX * above // (STARS_TO - STARS_FROM)
