"""What is said to people and systems, and what they may hear; pure, no clock and no I/O."""
