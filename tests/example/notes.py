"""A record: what a note is and where notes are kept."""

from shared.records import Container, Record


class Note(Record):
    """A few words of one customer."""

    customer: str
    text: str
    stars: int = 0


NOTES = Container("notes", Note, "customer", indexes=("stars",))
