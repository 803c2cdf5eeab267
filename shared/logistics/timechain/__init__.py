"""The time-chain: when every leg of an order can and must happen, and what else would work."""
