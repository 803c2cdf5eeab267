"""Flows: one per file, told in the words of steps.py; no clock, no randomness, no input or output."""
