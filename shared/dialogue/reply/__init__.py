"""What people write back: yes, no, a counter-offer or a question, how they feel, and what they offer."""
