"""What every search index does: scenarios that take a way to open one, and a plain reading of the filters."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.discovery.listing import CANDIDATES_MAX, Hit, IndexQuery, Listing
from shared.logistics.geo import Point, distance_metres
from shared.ports import SearchIndex

DIMS = 64
CENTRE = Point(lat=30.2672, lng=-97.7431)
Open = Callable[[], SearchIndex]
Scenario = Callable[[Open], Awaitable[None]]

PLAIN = Listing(
    id="x", kind="product", partner="p", title="Rose bouquet", facts="flowers pink", text="Fresh every day.",
    category="flowers", capabilities=(), values=(), point=CENTRE, reach_km=10, region="austin", price_minor=4_000,
    currency="USD", stock=5, lead_minutes=60, party_min=0, party_max=0, quality=0.5, margin=0.2,
)  # fmt: skip
WORDS = ("rose", "lily", "cake", "wine", "beer", "candle", "blanket", "ring", "photo", "limo", "tour", "basket")


def vectors_of(texts: Sequence[str]) -> NDArray[np.float32]:
    """As near to each other as texts share words: a random direction a word, plurals as singulars."""
    rows = np.zeros((len(texts), DIMS), np.float32)
    for number, text in enumerate(texts):
        for word in text.lower().split():
            rows[number] += np.random.default_rng(list(word.rstrip("s").encode())).standard_normal(DIMS)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)


async def put(index: SearchIndex, *listings: Listing, removed: Sequence[str] = (), **upto: str) -> None:
    """Write listings with the vectors of their titles."""
    await index.write(listings, vectors_of([one.title for one in listings]), removed, upto)


async def ids(index: SearchIndex, query: IndexQuery) -> list[str]:
    """What is found, in its order."""
    return [hit.id for hit in (await index.search(query)).items]


def wish(text: str) -> IndexQuery:
    """A query by words and meaning."""
    return IndexQuery(text=text, vector=vectors_of([text])[0].tolist())


def passes(one: Listing, query: IndexQuery) -> bool:
    """The filters of IndexQuery, but for excluded words, as its docstring has them."""
    metres = distance_metres(query.near, one.point) if query.near and one.point else 0
    return all(
        (
            query.near is None or one.point is None
            or metres / 1000 <= (one.reach_km if query.within_km is None else query.within_km),
            query.price_min_minor is None or one.price_minor >= query.price_min_minor,
            query.price_max_minor is None or one.price_minor <= query.price_max_minor,
            query.currency in (None, one.currency),
            not query.kinds or one.kind in query.kinds,
            not query.categories or one.category in query.categories,
            query.capabilities <= set(one.capabilities),
            query.values <= set(one.values),
            query.region in (None, one.region),
            query.partner in (None, one.partner),
            one.partner not in query.without_partners,
            one.id not in query.without_ids,
            one.stock is None or one.stock >= query.quantity,
            query.party is None or (one.party_min <= query.party and one.party_max in (0, *range(query.party, 99))),
            is_in_time(one, query, metres),
        )
    )  # fmt: skip


def is_in_time(one: Listing, query: IndexQuery, metres: int) -> bool:
    """Whether it can be there before the deadline, as far as the index can tell."""
    if query.minutes_left is None:
        return True
    if not one.partner:
        return one.lead_minutes <= query.minutes_left
    opens: Mapping[str, int] = {one.partner: 0} if query.opens_in is None else query.opens_in
    return one.partner in opens and opens[one.partner] + one.lead_minutes + metres / 1000 <= query.minutes_left


def made_up(chance: random.Random, number: int) -> Listing:
    """A listing on the edges of many filters."""
    is_bundle = chance.random() < 0.1
    point = Point(lat=round(30.2 + chance.random() / 5, 4), lng=round(-97.8 + chance.random() / 5, 4))
    return Listing(
        id=f"id-{number}",
        kind="bundle" if is_bundle else chance.choice(("product", "service", "blank", "experience")),
        partner="" if is_bundle else f"partner-{chance.randrange(6)}",
        title=" ".join(chance.sample(WORDS, 3)),
        facts=" ".join(chance.sample(WORDS, 2)),
        text=" ".join(chance.sample(WORDS, 4)),
        category=chance.choice(("flowers", "cakes", "tours", "gifts")),
        capabilities=tuple(chance.sample(("engraving", "cooling", "embroidery"), chance.randrange(3))),
        values=tuple(chance.sample(("colour:pink", "colour:red", "occasion:birthday"), chance.randrange(3))),
        point=None if chance.random() < 0.15 else point,
        reach_km=chance.choice((0.0, 3.0, 7.5, 20.0, 1e9)),
        region=chance.choice(("austin", "dallas", "")),
        price_minor=chance.choice((0, 100, 5_000, 5_001, 10**12)),
        currency=chance.choice(("USD", "EUR")),
        stock=chance.choice((None, 0, 1, 2, 10)),
        lead_minutes=chance.choice((0, 30, 60, 600)),
        party_min=chance.choice((0, 2, 10)),
        party_max=chance.choice((0, 4, 12)),
        quality=chance.choice((0.0, 0.25, 0.5, 1.0)),
        margin=0.5,
    )


def made_up_query(chance: random.Random) -> IndexQuery:
    """Some filters, each on the edge of what listings have."""
    filters = {
        "near": CENTRE,
        "within_km": chance.choice((0.0, 4.0, 12.0)),
        "price_min_minor": chance.choice((0, 100, 101, 10**12)),
        "price_max_minor": chance.choice((-1, 100, 5_000, 10**13)),
        "currency": chance.choice(("USD", "GBP")),
        "kinds": frozenset(chance.sample(("product", "service", "bundle", "unheard"), 2)),
        "categories": frozenset(chance.sample(("flowers", "cakes", "unheard"), 2)),
        "capabilities": frozenset(chance.sample(("engraving", "cooling"), chance.randrange(1, 3))),
        "values": frozenset(chance.sample(("colour:pink", "occasion:birthday", "size:xl"), 1)),
        "region": chance.choice(("austin", "", "unheard")),
        "partner": chance.choice(("partner-1", "", "unheard")),
        "without_partners": frozenset(chance.sample(("partner-0", "partner-2", "", "unheard"), 2)),
        "without_ids": frozenset(f"id-{chance.randrange(400)}" for _ in range(40)),
        "minutes_left": chance.choice((0, 60, 75, 700)),
        "opens_in": {f"partner-{number}": chance.choice((0, 10, 300)) for number in range(0, 9, 2)},
        "quantity": chance.choice((1, 2, 11)),
        "party": chance.choice((0, 1, 4, 5, 12, 13)),
    }
    chosen = chance.sample(sorted(filters), chance.choice((0, 1, 1, 2, 3, 4)))
    return IndexQuery(limit=CANDIDATES_MAX, **{name: filters[name] for name in chosen})


async def filters_are_exact(open_index: Open) -> None:
    """Whatever the filters, what is found is what a plain reading finds, best quality first."""
    chance = random.Random(7)
    index = open_index()
    listings = [made_up(chance, number) for number in range(400)]
    for first in range(0, 400, 100):
        await put(index, *listings[first : first + 100])
    found_any = 0
    for _ in range(600):
        query = made_up_query(chance)
        expected = sorted((one for one in listings if passes(one, query)), key=lambda one: (-one.quality, one.id))
        hits = await index.search(query)
        assert [hit.id for hit in hits.items] == [one.id for one in expected], query
        assert hits.matched == len(expected)
        assert await ids(index, replace(query, limit=5)) == [one.id for one in expected[:5]]
        found_any += bool(expected)
        assert all(hit.relevance == 1 for hit in hits.items)
    assert found_any > 200
    await index.close()


async def filters_hold_for_words_and_meaning(open_index: Open) -> None:
    """A query's text changes the order and drops what does not answer, but lets nothing through."""
    chance = random.Random(8)
    index = open_index()
    listings = [made_up(chance, number) for number in range(300)]
    await put(index, *listings)
    for _ in range(150):
        text = " ".join(chance.sample(WORDS, 2))
        query = replace(made_up_query(chance), text=text, vector=wish(text).vector)
        expected = {one.id for one in listings if passes(one, query)}
        hits = await index.search(query)
        assert {hit.id for hit in hits.items} <= expected
        assert hits.matched == len(expected)
        relevances = [hit.relevance for hit in hits.items]
        assert relevances == sorted(relevances, reverse=True)
        assert all(0 <= value <= 1 for value in relevances)
    await index.close()


async def a_hit_tells_what_it_is(open_index: Open) -> None:
    """Every field of a hit is the listing's."""
    index = open_index()
    place = Point(lat=30.30, lng=-97.75)
    await put(index, replace(PLAIN, point=place, quality=0.873, margin=0.31, price_minor=2**40))
    await put(index, replace(PLAIN, id="bundle", kind="bundle", partner="", point=None))
    everywhere, there = sorted((await index.search(IndexQuery(near=CENTRE))).items, key=lambda hit: hit.id)
    assert there == Hit(
        "x", "product", "p", "flowers", 1.0, 0.0, 0.0, distance_metres(CENTRE, place) / 1000, 2**40, 0.873, 0.31
    )
    assert (everywhere.partner, everywhere.distance_km) == ("", None)
    (hit,) = (await index.search(replace(wish("rose bouquet"), partner="p"))).items
    assert hit.similarity == pytest.approx(1, abs=0.01)
    assert hit.words > 0.8
    assert hit.distance_km is None
    await index.close()


async def the_best_comes_first(open_index: Open) -> None:
    """Meaning leads, words help, and what has nothing to do with it is not found."""
    index = open_index()
    titles = {"both": "pink rose bouquet", "half": "pink candle", "none": "chocolate cake", "most": "rose bouquet"}
    listings = [replace(PLAIN, id=name, title=title, facts="", text="") for name, title in titles.items()]
    await put(index, *listings)
    assert await ids(index, wish("pink rose bouquet")) == ["both", "most", "half"]
    assert await ids(index, IndexQuery(text="pink rose bouquet")) == ["both", "most", "half"]
    assert await ids(index, replace(wish("pink rose bouquet"), text="")) == ["both", "most", "half"]
    assert await ids(index, replace(wish("pink rose bouquet"), limit=1)) == ["both"]
    assert await ids(index, wish("submarine")) == []
    assert await ids(index, IndexQuery(text="submarine")) == []
    relevances = [hit.relevance for hit in (await index.search(wish("pink rose bouquet"))).items]
    assert relevances[0] > 0.95
    assert relevances[-1] < 0.6
    await index.close()


async def titles_outweigh_facts_outweigh_texts(open_index: Open) -> None:
    """Where a word stands decides how much it counts."""
    index = open_index()
    bare = replace(PLAIN, title="thing", facts="thing", text="thing")
    await put(index, replace(bare, id="c", text="orchid"), replace(bare, id="b", facts="orchid"),
              replace(bare, id="a", title="orchid"))  # fmt: skip
    assert await ids(index, IndexQuery(text="orchid")) == ["a", "b", "c"]
    await index.close()


async def preferred_values_lift(open_index: Open) -> None:
    """A preferred value decides between equals, and excludes nobody."""
    index = open_index()
    await put(index, PLAIN, replace(PLAIN, id="y", values=("colour:pink",)), replace(PLAIN, id="z", quality=1.0))
    prefer = frozenset({"colour:pink", "style:unheard"})
    assert await ids(index, replace(wish("rose bouquet"), prefer=prefer)) == ["y", "z", "x"]
    assert await ids(index, IndexQuery(prefer=prefer)) == ["y", "z", "x"]
    await index.close()


async def words_are_found_as_people_write_them(open_index: Open) -> None:
    """Plurals, accents, capitals, compounds, slips of the finger."""
    index = open_index()
    texts = (
        "Lily bouquet", "Crème brûlée", "T-shirt", "Gluten-free cookies", "Engraved knife", "Chocolate box", "AB-1234"
    )  # fmt: skip
    await put(index, *(replace(PLAIN, id=text, title=text, facts="", text="") for text in texts))
    asked = {
        "lilies": "Lily bouquet", "LILLY bouquets": "Lily bouquet", "boquet": "Lily bouquet", "buoquet": "Lily bouquet",
        "creme brulee": "Crème brûlée", "tshirts": "T-shirt", "t shirt": "T-shirt", "knives": "Engraved knife",
        "gluten free": "Gluten-free cookies", "cookie": "Gluten-free cookies", "choclate": "Chocolate box",
        "chocolates boxes": "Chocolate box", "ab1234": "AB-1234", "AB-1234": "AB-1234", "chcolatte": "Chocolate box",
    }  # fmt: skip
    for text, expected in asked.items():
        assert (await ids(index, IndexQuery(text=text)))[:1] == [expected], text
    assert await ids(index, IndexQuery(text="for you and me")) == []
    await index.close()


async def excluded_words_are_gone(open_index: Open) -> None:
    """Exclusions look into title and facts, by whole words in any number, and know what is free of something."""
    index = open_index()
    bare = replace(PLAIN, facts="", text="")
    await put(
        index,
        replace(bare, id="beers", title="Craft beers"),
        replace(bare, id="ginger", title="Gingerbread"),
        replace(bare, id="fact", facts="tour beer"),
        replace(bare, id="text", text="Goes well with beer."),
        replace(bare, id="nuts", title="Mixed nuts"),
        replace(bare, id="nut-free", title="Nut-free cookies"),
        replace(bare, id="no nuts", title="Cake", facts="contains no nuts"),
        replace(bare, id="doughnut", title="Doughnut"),
        replace(bare, id="red wine", title="Wine, red"),
        replace(bare, id="red", title="Red roses"),
    )
    everything = set(await ids(index, IndexQuery()))
    gone = {
        ("beer",): {"beers", "fact"}, ("Beers",): {"beers", "fact"}, ("nut",): {"nuts"},
        ("nuts", "beer"): {"nuts", "beers", "fact"}, ("red wine",): {"red wine"},
        ("red wines", "unheard of"): {"red wine"}, ("the",): set(), ("",): set(),
        ("nut-free",): {"nut-free", "no nuts"},
    }  # fmt: skip
    for exclude, expected in gone.items():
        assert everything - set(await ids(index, IndexQuery(exclude=exclude))) == expected, exclude
    await index.close()


async def writes_show_at_once(open_index: Open) -> None:
    """Replaced, removed, both, doubled: what was said last counts, and the same again changes nothing."""
    index = open_index()
    assert await ids(index, IndexQuery()) == []
    await put(index, PLAIN, replace(PLAIN, id="y"), a="1")
    dear = replace(PLAIN, price_minor=9_999)
    for _ in range(2):
        await put(index, PLAIN, dear, b="2")
        assert [hit.price_minor for hit in (await index.search(IndexQuery())).items] == [9_999, 4_000]
    assert await index.upto() == {"a": "1", "b": "2"}
    for _ in range(2):
        await put(index, dear, replace(PLAIN, id="z"), removed=["x", "never there"], a="3")
        assert await ids(index, IndexQuery()) == ["y", "z"]
        assert await ids(index, wish("rose bouquet")) == ["y", "z"]
    await put(index, removed=["y"])
    await put(index, a="4")
    assert await ids(index, IndexQuery()) == ["z"]
    assert await index.upto() == {"a": "4", "b": "2"}
    await index.close()


async def many_small_writes_add_up(open_index: Open) -> None:
    """One at a time, in any order, with replacements between: as if all had come at once."""
    chance = random.Random(9)
    index = open_index()
    now: dict[str, Listing] = {}
    for number in range(300):
        one = made_up(chance, chance.randrange(120))
        if number % 5 == 4:
            now.pop(one.id, None)
            await put(index, removed=[one.id])
        else:
            now[one.id] = one
            await put(index, one)
    for _ in range(50):
        query = made_up_query(chance)
        assert set(await ids(index, query)) == {one.id for one in now.values() if passes(one, query)}
    await index.close()


async def hostile_texts_do_no_harm(open_index: Open) -> None:
    """Endless, empty, broken and foreign texts are written, searched and excluded like any other."""
    index = open_index()
    texts = (
        "x" * 100_000, "rose " * 20_000, "a\x00b\x00", "🌹🏳️‍🌈💥", "e\u0301\u0301" * 50, "\u202eevil", "--'\";DROP",
        "-", "'s", "no no free free-free", "-free", "a-" * 9_000,
    )  # fmt: skip
    listings = [replace(PLAIN, id=f"h{n}", title=text, facts=text, text=text) for n, text in enumerate(texts)]
    await index.write(listings, np.zeros((len(listings), DIMS), np.float32), (), {})
    for text in texts:
        await ids(index, IndexQuery(text=text, exclude=(text, text[:9])))
    assert len(await ids(index, IndexQuery())) == len(texts)
    assert await ids(index, IndexQuery(text="rose")) == ["h1"]
    assert await ids(index, IndexQuery(text="🌹")) == []
    await index.close()


async def what_does_not_fit_is_refused(open_index: Open) -> None:
    """Vectors of another shape, and such that are no numbers; nothing is written then."""
    index = open_index()
    right = vectors_of(["rose"])
    for wrong in (right[:, :5], np.concatenate([right, right]), right * np.nan):
        with pytest.raises(ValueError, match="vector"):
            await index.write([PLAIN], wrong, (), {"a": "1"})
    for wrong_query in ([1.0], [float("inf")] * DIMS):
        with pytest.raises(ValueError, match="vector"):
            await index.search(IndexQuery(vector=wrong_query))
    assert await index.upto() == {}
    assert await ids(index, IndexQuery()) == []
    await index.close()


async def searches_see_whole_writes(open_index: Open) -> None:
    """While listings are replaced together, no search sees some of the old and some of the new."""
    index = open_index()
    group = [replace(PLAIN, id=f"g{number}") for number in range(40)]
    await put(index, *group)
    done = False

    async def search() -> int:
        seen = 0
        while not done:
            for query in (IndexQuery(), wish("rose bouquet")):
                hits = (await index.search(query)).items
                assert len(hits) == 40
                assert len({hit.price_minor for hit in hits}) == 1
            seen += 1
            await asyncio.sleep(0)
        return seen

    searching = [asyncio.create_task(search()) for _ in range(3)]
    for price in range(120):
        await put(index, *(replace(one, price_minor=price) for one in group))
    done = True
    assert min(await asyncio.gather(*searching)) > 5
    await index.close()


SCENARIOS: tuple[Scenario, ...] = (
    filters_are_exact, filters_hold_for_words_and_meaning, a_hit_tells_what_it_is, the_best_comes_first,
    titles_outweigh_facts_outweigh_texts, preferred_values_lift, words_are_found_as_people_write_them,
    excluded_words_are_gone, writes_show_at_once, many_small_writes_add_up, hostile_texts_do_no_harm,
    what_does_not_fit_is_refused, searches_see_whole_writes,
)  # fmt: skip
