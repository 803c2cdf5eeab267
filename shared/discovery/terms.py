"""Words that many rooms share, and nothing that costs to import."""

from __future__ import annotations

from typing import Literal

NodeKind = Literal["product", "customization", "packaging", "delivery", "assembly", "transport", "venue"]
"""What part of an order something is; see the Graph of Needs."""
Visibility = Literal["transparent", "concierge", "hybrid"]
"""How much of a bundle's parts a customer sees."""
LegKind = Literal["pickup", "processing", "customization", "assembly", "delivery", "wait"]
"""What a leg of the Time-Chain is; see shared/logistics/timechain/model.py."""
