"""From a sentence to an intent, by rules: each recogniser claims its span, so that nothing is read twice."""
