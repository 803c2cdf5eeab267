"""Orders: what was ordered, from whom, where each part stands, and what it costs. Pure but for given ports."""
