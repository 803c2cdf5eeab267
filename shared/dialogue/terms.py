"""Words that flows and rooms of dialogue share, and nothing that costs to import."""

from __future__ import annotations

from typing import Literal

NegotiationFact = Literal["ask", "offer", "escalate", "hand_back", "agree", "decline", "give_up", "withdraw"]
"""What can become of a negotiation; shared/dialogue/negotiation.py has the table."""
Heard = Literal[
    "yes", "no", "counter", "question", "unclear", "modify", "photo_refused", "photo_unsure", "undelivered"
]
"""What a partner's answer came to."""
Why = Literal[
    "first", "modify", "unclear", "price", "photo_again", "declined", "reminder", "handed_over", "handed_back"
]
"""Why a partner is written to in a negotiation; shared/dialogue/negotiating.py has the words."""
COUNTER_OFFERS_MAX = 3
"""The third counter-offer without agreement goes to a person."""
STAFF_MINUTES = 30
"""How long an escalation over silence waits for a person before the order helps itself."""
ESCALATED_HOURS_MAX = 24
"""How long any other, and one that somebody has taken on, waits to be settled."""
URGENT_WITHIN_HOURS = 2
"""Without an agreement so near to the leg's beginning, a person takes over."""
