"""The Scout Engine over the demo city: filters, relaxing, paging, promotions, changes at once, parts that fail."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.catalog import keep
from shared.discovery.products import PRODUCTS
from shared.discovery.ranking import PROMOTIONS, RANKINGS, Promotion, RankingSettings, Weights
from shared.discovery.scout import Scout
from shared.discovery.wish import Found, Wish
from shared.logistics.geo import Point
from shared.money.amounts import Money
from shared.records import BadPageToken, Unavailable, Write
from tests.discovery.conftest import NOW, City

DOWNTOWN = Point(lat=30.2672, lng=-97.7431)
FAR_AWAY = Point(lat=47.6, lng=-122.3)


def dollars(amount: float) -> Money:
    return Money(minor=round(amount * 100), currency="USD")


def find(city: City, wish: Wish) -> Found:
    return asyncio.run(city.scout.find(wish, NOW))


def test_every_offer_passes_every_filter(austin: City) -> None:
    wish = Wish(
        text="flowers", near=DOWNTOWN, within_km=8, price_min=dollars(30), price_max=dollars(90),
        values=frozenset({"colour:pink"}), categories=frozenset({"flowers"}), exclude=("lilies",),
        deliver_by=NOW + timedelta(hours=30), limit=50,
    )  # fmt: skip
    found = find(austin, wish)
    assert len(found.offers) >= 5
    assert found.relaxed == ()
    flowers = austin.taxonomy.descendants["flowers"]
    for offer in found.offers:
        assert offer.product is not None
        assert offer.partner is not None
        assert 3000 <= offer.product.price.minor <= 9000
        assert "pink" in offer.product.attributes["colour"]
        assert offer.product.category in flowers
        assert offer.ranked.hit.distance_km is not None
        assert offer.ranked.hit.distance_km <= 8
        assert "lil" not in offer.product.title.lower()
        assert offer.product.stock is None or offer.product.stock > 0
        opens = offer.partner.hours.next_open(NOW)
        assert opens is not None
        assert opens + timedelta(minutes=offer.product.lead_minutes) <= NOW + timedelta(hours=30)


SOON = NOW + timedelta(minutes=1)
BLACK = frozenset({"colour:black"})


@pytest.mark.parametrize(
    ("wish", "field", "words"),
    [
        (Wish(text="pink roses", price_max=dollars(1)), "price_max", "Nothing fits under $1; the least is $"),
        (Wish(text="pink roses", deliver_by=SOON), "deliver_by", "today 4:01 PM; these take longer"),
        (Wish(text="roses", near=DOWNTOWN, within_km=0.01), "within_km", "within 0.01 km; the nearest is"),
        (Wish(text="roses", near=FAR_AWAY), "near", "Nobody who has it delivers to you"),
        (Wish(text="roses", values=BLACK, categories=frozenset({"roses"})), "values", "in black"),
        (
            Wish(text="roses", capabilities=frozenset({"engraving"}), categories=frozenset({"bouquet"})),
            "capabilities",
            "engraving",
        ),
    ],
)
def test_what_leaves_nothing_is_let_go_and_said(austin: City, wish: Wish, field: str, words: str) -> None:
    found = find(austin, wish)
    assert found.offers
    assert [one.field for one in found.relaxed] == [field]
    assert words in found.relaxed[0].words


def test_what_nobody_has_is_not_made_up(austin: City) -> None:
    found = find(austin, Wish(text="nuclear submarine"))
    assert found.offers == ()
    assert found.relaxed == ()


def test_exclusions_and_diets_are_never_let_go(austin: City) -> None:
    nothing = Wish(text="chocolates", must=frozenset({"diet:halal", "diet:kosher", "diet:vegan", "diet:sugar-free"}))
    assert find(austin, nothing).offers == ()
    without = find(austin, Wish(text="chocolates", exclude=("chocolate", "truffle", "cocoa"), limit=50))
    assert all("chocolate" not in offer.product.title.lower() for offer in without.offers if offer.product)


def test_pages_hold_every_offer_once_whatever_their_size(austin: City) -> None:
    wish = Wish(text="birthday cake", limit=50)
    whole = [offer.id for offer in find(austin, wish).offers]
    assert len(whole) == 50
    paged: list[str] = []
    after: str | None = None
    for size in (7, 13, 1, 19, 10):
        page = find(austin, replace(wish, limit=size, after=after))
        paged += [offer.id for offer in page.offers]
        after = page.next
    assert paged == whole


def test_a_relaxed_search_pages_on_as_it_began(austin: City) -> None:
    wish = Wish(text="roses", price_max=dollars(1), limit=3)
    first = find(austin, wish)
    assert first.next
    second = find(austin, replace(wish, after=first.next))
    assert second.relaxed[0].field == "price_max"
    assert not {offer.id for offer in first.offers} & {offer.id for offer in second.offers}
    assert len(second.offers) == 3


def test_a_token_of_another_wish_is_refused(austin: City) -> None:
    first = find(austin, Wish(text="roses", limit=3))
    for token in (first.next, "x", "e30", ""):
        with pytest.raises(BadPageToken):
            find(austin, Wish(text="tulips", limit=3, after=token))


def test_stock_price_and_removal_show_at_once(own_austin: City) -> None:
    wish = Wish(text="a dozen pink roses", categories=frozenset({"flowers"}), limit=50)
    best = find(own_austin, wish).offers[0]
    assert best.product is not None
    partner, sku = best.product.partner, best.product.sku

    async def change() -> list[list[str]]:
        seen = []
        await keep.set_price(own_austin.store, partner, sku, dollars(1234), dollars(1000), NOW)
        found = await own_austin.scout.find(replace(wish, price_min=dollars(1234)), NOW)
        seen.append([offer.id for offer in found.offers])
        await keep.set_stock(own_austin.store, partner, sku, 0, NOW)
        seen.append([offer.id for offer in (await own_austin.scout.find(wish, NOW)).offers])
        await keep.set_stock(own_austin.store, partner, sku, 5, NOW)
        seen.append([offer.id for offer in (await own_austin.scout.find(wish, NOW)).offers])
        await keep.remove(own_austin.store, partner, sku, NOW)
        seen.append([offer.id for offer in (await own_austin.scout.find(wish, NOW)).offers])
        return seen

    dearest, sold_out, again, removed = asyncio.run(change())
    assert dearest == [best.id]
    assert best.id not in sold_out
    assert best.id in again
    assert best.id not in removed
    assert asyncio.run(own_austin.scout.product(best.id)) is None


def test_a_partner_that_pauses_is_gone_with_all_it_has(own_austin: City) -> None:
    from shared.discovery.partners import PARTNERS

    async def pause() -> Found:
        stored = await own_austin.store.get(PARTNERS, "rosie-and-thorn", "rosie-and-thorn")
        assert stored is not None
        paused = stored.value.model_copy(update={"status": "paused"})
        await own_austin.store.apply(PARTNERS, paused.id, [Write("replace", paused, stored.etag)])
        return await own_austin.scout.find(Wish(text="flowers", partner="rosie-and-thorn"), NOW)

    assert asyncio.run(pause()).offers == ()


def test_promotions_and_weights_come_from_their_records(own_austin: City) -> None:
    wish = Wish(text="birthday cake", near=DOWNTOWN, limit=20)
    plain = find(own_austin, wish)
    third = plain.offers[2]
    times = {"starts": NOW - timedelta(days=1), "ends": NOW + timedelta(days=1)}
    lifted = Promotion.model_validate(
        {"id": "push", "target": third.id, "kind": "sponsored", "weight": 1, "region": "austin", **times}
    )
    asyncio.run(own_austin.store.apply(PROMOTIONS, "push", [Write("put", lifted)]))
    first = find(own_austin, wish).offers[0]
    assert first.id == third.id
    assert first.ranked.label == "sponsored"
    assert all(offer.ranked.label is None for offer in find(own_austin, replace(wish, near=FAR_AWAY)).offers)
    by_quality = RankingSettings(weights=Weights(relevance=0, boost=0, quality=1, margin=0))
    asyncio.run(own_austin.store.apply(RANKINGS, "ranking", [Write("put", by_quality)]))
    qualities = [round(offer.ranked.hit.quality, 4) for offer in find(own_austin, wish).offers]
    assert qualities == sorted(qualities, reverse=True)


class Mute:
    """Embeddings whose server is gone."""

    name = "mute"
    dims = 256

    async def embed(self, texts: object) -> object:
        raise Unavailable("the model does not answer")


def test_without_meaning_words_still_find_and_it_is_said(austin: City) -> None:
    poor = Scout(austin.store, austin.index, Mute(), austin.taxonomy, austin.follower.catch_up)  # type: ignore[arg-type]
    found = asyncio.run(poor.find(Wish(text="pink roses"), NOW))
    assert found.offers
    assert "by their words alone" in found.notes[0]


def test_an_index_that_does_not_answer_is_no_empty_page(austin: City) -> None:
    class Gone:
        async def search(self, query: object) -> object:
            raise Unavailable("the index is gone")

    blind = Scout(austin.store, Gone(), austin.embeddings, austin.taxonomy, austin.follower.catch_up)  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        asyncio.run(blind.find(Wish(text="roses"), NOW))


def test_what_is_gone_since_the_index_saw_it_is_left_out(own_austin: City) -> None:
    async def stale() -> tuple[Found, str]:
        async def nothing() -> None: ...

        still = Scout(own_austin.store, own_austin.index, own_austin.embeddings, own_austin.taxonomy, nothing)
        best = (await still.find(Wish(text="pink roses", limit=1), NOW)).offers[0]
        assert best.product is not None
        stored = await own_austin.store.get(PRODUCTS, best.product.partner, best.id)
        assert stored is not None
        await own_austin.store.apply(PRODUCTS, best.product.partner, [Write("delete", stored.value)])
        return await still.find(Wish(text="pink roses"), NOW), best.id

    found, gone = asyncio.run(stale())
    assert found.offers
    assert gone not in {offer.id for offer in found.offers}
