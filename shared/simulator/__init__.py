"""Partners that are played: who they are, what they answer and when, and what came of it."""
