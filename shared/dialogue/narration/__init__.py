"""What comes to pass, told to the customer in warm plain words, from the facts of the record alone."""
