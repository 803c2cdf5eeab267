"""Benchmarks: devhost against its aims and, in the same run, against named peers. Run `python -m bench`."""
