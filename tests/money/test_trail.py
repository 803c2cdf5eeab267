"""The audit trail: its canonical form, and that the first broken entry is named whatever was done to it."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money.trail import GENESIS, Break, Entry, Head, NotCanonical, append, canonical, verify


def chain(count):
    entries, head = [], Head()
    for number in range(count):
        entries.append(append(head, {"id": f"t{number}", "amount": {"minor": number, "currency": "USD"}}))
        head = entries[-1].head
    return entries, head


@st.composite
def chains(draw, least=1):
    entries, head = chain(draw(st.integers(least, 12)))
    return entries, head, draw(st.integers(0, len(entries) - 1))


def altered(entry, **change):
    return entry.model_copy(update=change)


def resealed(entry, **change):
    """As a forger would: other content, with a hash that fits it."""
    return append(Head(count=entry.seq, hash=entry.prev_hash), entry.content | change)


def test_keys_are_sorted_as_in_rfc_8785_3_2_3():
    value = {
        "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
        "\U0001f600": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis",
    }  # fmt: skip
    assert canonical(value).decode() == (
        '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis",'
        '"\u20ac":"Euro Sign","\U0001f600":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}'
    )


def test_literals_are_written_as_in_rfc_8785_3_2_2():
    text = '\u20ac$\u000f\nA\'B"\\\\"/'
    value = {"string": text, "literals": [None, True, False], "numbers": [0, -1, 2**53 - 1]}
    assert canonical(value).decode() == (
        '{"literals":[null,true,false],"numbers":[0,-1,9007199254740991],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


@pytest.mark.parametrize("value", [1.5, 2**53, float("nan"), {1: 2}, {"a": {"b": b"x"}}, ["\ud800"], {"\ud800": 1}])
def test_what_has_no_canonical_form(value):
    with pytest.raises(NotCanonical):
        canonical(value)


def test_hash_by_hand():
    first = append(Head(), {"id": "t0", "b": 1, "a": "ä"})
    text = '{"content":{"a":"ä","b":1,"id":"t0"},"prev_hash":"' + "0" * 64 + '","seq":0}'
    assert (first.prev_hash, first.hash) == (GENESIS, sha256(text.encode()).hexdigest())
    second = append(first.head, {"id": "t1"})
    assert (second.seq, second.prev_hash) == (1, first.hash)


def test_nothing_is_a_trail():
    assert verify([], Head()) is None
    assert verify([], chain(2)[1]) == Break(0, None, "missing")


@given(chains())
def test_whole_trails_hold_also_from_json(made):
    entries, head, _ = made
    assert verify(entries, head) is None
    assert verify([Entry.model_validate_json(entry.model_dump_json()) for entry in entries], head) is None


@given(chains(), st.sampled_from(["content", "more", "hash", "prev_hash", "seq", "float"]))
def test_a_changed_entry_is_named(made, what):
    entries, head, at = made
    entry = entries[at]
    entries[at] = {
        "content": altered(entry, content=entry.content | {"amount": {"minor": 99, "currency": "USD"}}),
        "more": altered(entry, content=entry.content | {"memo": ""}),
        "float": altered(entry, content=entry.content | {"amount": {"minor": float(at), "currency": "USD"}}),
        "hash": altered(entry, hash="f" * 64),
        "prev_hash": altered(entry, prev_hash="f" * 64),
        "seq": altered(entry, seq=entry.seq + 1),
    }[what]
    assert verify(entries, head) == Break(at, f"t{at}", "changed")


@given(chains())
def test_a_dropped_entry_is_missed_where_it_stood(made):
    entries, head, at = made
    del entries[at]
    after = entries[at].content["id"] if at < len(entries) else None
    assert verify(entries, head) == Break(at, after, "missing")


@given(chains(least=2), st.data())
def test_swapped_entries_are_named_by_the_first(made, data):
    entries, head, _ = made
    first, second = sorted(data.draw(st.permutations(range(len(entries))))[:2])
    entries[first], entries[second] = entries[second], entries[first]
    assert verify(entries, head) == Break(first, f"t{second}", "reordered")


@given(chains())
def test_a_doubled_entry_is_named(made):
    entries, head, at = made
    is_last = at == len(entries) - 1
    entries.insert(at + 1, entries[at])
    assert verify(entries, head) == Break(at + 1, f"t{at}", "surplus" if is_last else "repeated")


@given(chains())
def test_a_forged_entry_shows_in_the_next_or_at_the_head(made):
    entries, head, at = made
    entries[at] = resealed(entries[at], amount={"minor": 10**6, "currency": "USD"})
    shown = min(at + 1, len(entries) - 1)
    assert verify(entries, head) == Break(shown, f"t{shown}", "unlinked")


@given(chains())
def test_a_trail_rewritten_to_its_end_shows_at_the_head(made):
    entries, head, at = made
    entries[at] = resealed(entries[at], memo="forged")
    for position in range(at + 1, len(entries)):
        entries[position] = append(entries[position - 1].head, entries[position].content)
    last = len(entries) - 1
    assert verify(entries, head) == Break(last, f"t{last}", "unlinked")


@given(chains())
def test_an_added_entry_is_surplus(made):
    entries, head, _ = made
    entries.append(append(head, {"id": "mine"}))
    assert verify(entries, head) == Break(len(entries) - 1, "mine", "surplus")
