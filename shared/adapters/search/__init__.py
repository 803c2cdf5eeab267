"""The parts of the embedded search index: words, columns, filters, postings, vectors, ranking, segments, files."""
