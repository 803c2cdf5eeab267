"""The platform's own fees, in one place: a tenth, what is assembled at hubs half of that, gig workers keep all of it.

Where a product's price and its vendor's net both stand in the catalog, the platform's part is what lies between them.
"""

from __future__ import annotations

from shared.money.commission import FeeRate, FeeTable

GIG_WORK = "gig-work"
"""The service type of what workers bring."""
FEES = FeeTable(
    default_basis_points=1_000,
    rates=(
        FeeRate(region=None, service="assembly", basis_points=500),
        FeeRate(region=None, service=GIG_WORK, basis_points=0),
    ),
)
