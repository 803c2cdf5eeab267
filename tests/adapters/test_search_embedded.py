"""The embedded index passes the suite of every index; and what is its own: files, crashes, sizes, several processes."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.listings import listings, opening_hours, typical
from shared.adapters.search_embedded import EmbeddedIndex
from shared.discovery.listing import IndexQuery
from tests.adapters.search_contract import DIMS, PLAIN, SCENARIOS, Scenario, ids, passes, put, vectors_of, wish

ROOT = Path(__file__).parents[2]
ALL = IndexQuery(limit=500)


def opened(folder: Path) -> EmbeddedIndex:
    return EmbeddedIndex(folder, DIMS, "words-1")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_does_what_every_index_does(scenario: Scenario, tmp_path: Path) -> None:
    asyncio.run(scenario(lambda: opened(tmp_path / "index")))


def test_opens_to_what_was_closed(tmp_path: Path) -> None:
    async def scenario() -> None:
        index = opened(tmp_path)
        await put(index, PLAIN, replace(PLAIN, id="y", title="Beer tasting", values=("colour:pink",)), a="1")
        await put(index, replace(PLAIN, id="z"), removed=["x"], b="2")
        asked = (ALL, wish("rose bouquet"), IndexQuery(text="beers"), IndexQuery(values=frozenset({"colour:pink"})))
        before = [await index.search(query) for query in asked]
        await index.close()
        again = opened(tmp_path)
        assert await again.upto() == {"a": "1", "b": "2"}
        assert [await again.search(query) for query in asked] == before
        await put(again, replace(PLAIN, id="y", title="Wine tasting"))
        assert await ids(again, IndexQuery(text="tasting")) == ["y"]
        await again.close()
        assert sorted(await ids(again, ALL)) == ["y", "z"]
        await again.close()

    asyncio.run(scenario())


def test_an_emptied_index_stays_empty(tmp_path: Path) -> None:
    async def scenario() -> None:
        index = opened(tmp_path)
        await put(index, PLAIN, a="1")
        await index.close()
        await put(index, removed=["x"], a="2")
        await index.close()
        assert await ids(index, ALL) == []
        assert await index.upto() == {"a": "2"}
        await index.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("other", [(DIMS, "words-2"), (DIMS * 2, "words-1")])
def test_another_model_begins_anew(other: tuple[int, str], tmp_path: Path) -> None:
    async def scenario() -> None:
        index = opened(tmp_path)
        await put(index, PLAIN, a="1")
        await index.close()
        index = EmbeddedIndex(tmp_path, *other)
        assert await index.upto() == {}
        assert await ids(index, ALL) == []
        await index.write([PLAIN], np.eye(1, other[0], dtype=np.float32), (), {"a": "7"})
        await index.close()
        assert await index.upto() == {"a": "7"}
        await index.close()
        assert await opened(tmp_path).upto() == {}

    asyncio.run(scenario())


def _halved(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def _of_another_format(data: bytes) -> bytes:
    return data.replace(b'"format":1', b'"format":0')


def do_harm(pattern: str, harm: Callable[[bytes], bytes] | None, folder: Path) -> None:
    (path,) = folder.glob(pattern)
    if harm is None:
        path.unlink()
    else:
        path.write_bytes(harm(path.read_bytes()))


@pytest.mark.parametrize("harm", [_halved, _flipped, lambda data: b"", lambda data: data + b"\x00", None])
@pytest.mark.parametrize("pattern", ["manifest.json", "state-*", "segment-*"])
def test_damage_means_to_begin_anew(pattern: str, harm: Callable[[bytes], bytes] | None, tmp_path: Path) -> None:
    async def scenario() -> None:
        index = opened(tmp_path)
        await put(index, PLAIN, a="1")
        await index.close()
        do_harm(pattern, harm, tmp_path)
        assert await index.upto() == {}
        assert await ids(index, ALL) == []
        await put(index, replace(PLAIN, id="new"), a="2")
        await index.close()
        assert await ids(index, ALL) == ["new"]
        await index.close()

    asyncio.run(scenario())


CRASHING = """
import asyncio, shutil, sys
from dataclasses import replace
from pathlib import Path

from shared.adapters.search_embedded import EmbeddedIndex
from tests.adapters.search_contract import DIMS, PLAIN, put

folder, copies = map(Path, sys.argv[1:])
steps = {"os.rename", "os.remove", "os.truncate"}
copying = False

def copy(event, arguments):
    global copying
    is_step = event in steps or (event == "open" and str(arguments[0]).startswith(str(folder)))
    if is_step and not copying:
        copying = True
        shutil.copytree(folder, copies / f"{len(list(copies.iterdir())):04}")
        copying = False

async def main():
    for turn in range(4):
        index = EmbeddedIndex(folder, DIMS, "words-1")
        listings = [replace(PLAIN, id=f"i{number}", price_minor=turn) for number in range(turn * 5, 30 + turn * 5)]
        await put(index, *listings, removed=[f"i{turn * 5 - 1}"], a=str(turn))
        await index.close()

folder.mkdir()
sys.addaudithook(copy)
asyncio.run(main())
"""


def test_a_crash_at_any_step_leaves_a_whole_state(tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    run = [sys.executable, "-c", CRASHING, str(tmp_path / "index"), str(copies)]
    subprocess.run(run, cwd=ROOT, check=True, timeout=60)

    async def state_of(folder: Path) -> str:
        index = opened(folder)
        token = (await index.upto()).get("a", "none")
        prices = {hit.id: hit.price_minor for hit in (await index.search(ALL)).items}
        await put(index, replace(PLAIN, id="later"), a="later")
        await index.close()
        assert set(await ids(index, ALL)) == {*prices, "later"}
        await index.close()
        expected: dict[str, int] = {}
        for turn in range(-1 if token == "none" else int(token), -1, -1):
            for number in range(turn * 5, 30 + turn * 5):
                expected.setdefault(f"i{number}", turn)
        for turn in range(1, 0 if token == "none" else int(token) + 1):
            expected.pop(f"i{turn * 5 - 1}")
        assert prices == expected
        return token

    seen = [asyncio.run(state_of(copy)) for copy in sorted(copies.iterdir())]
    assert len(seen) > 20
    assert list(dict.fromkeys(seen)) == ["none", "0", "1", "2", "3"]
    assert seen == sorted(seen, key="none0123".index)


def test_what_was_not_saved_is_told_by_older_tokens(tmp_path: Path) -> None:
    async def scenario() -> None:
        index = opened(tmp_path / "index")
        await put(index, PLAIN, a="1")
        await index.close()
        await put(index, replace(PLAIN, id="y"), a="2")
        shutil.copytree(tmp_path / "index", tmp_path / "crashed")
        crashed = opened(tmp_path / "crashed")
        assert await crashed.upto() == {"a": "1"}
        assert await ids(crashed, ALL) == ["x"]
        await crashed.close()
        await index.close()

    asyncio.run(scenario())


def test_the_second_in_a_folder_keeps_its_writes_to_itself(tmp_path: Path) -> None:
    async def scenario() -> None:
        first = opened(tmp_path)
        await put(first, PLAIN, a="1")
        await first.close()
        assert await ids(first, ALL) == ["x"]
        second = opened(tmp_path)
        for number in range(60):
            await put(second, replace(PLAIN, id=f"s{number}"), removed=["x"], a="second")
        assert len(await ids(second, ALL)) == 60
        await put(first, replace(PLAIN, id="y"), a="2")
        await first.close()
        await second.close()
        third = opened(tmp_path)
        assert sorted(await ids(third, ALL)) == ["x", "y"]
        assert await third.upto() == {"a": "2"}
        await third.close()

    asyncio.run(scenario())


def test_saves_by_itself_while_writes_and_searches_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "index"

    async def writing(index: EmbeddedIndex) -> dict[str, int]:
        now: dict[str, int] = {}
        for turn in range(80):
            batch = [replace(PLAIN, id=f"i{(turn * 137 + n) % 6000}", price_minor=turn) for n in range(200)]
            gone = [f"i{(turn * 391 + n) % 6000}" for n in range(25)]
            await put(index, *batch, removed=gone, a=str(turn))
            now.update((one.id, turn) for one in batch)
            for one in gone:
                now.pop(one, None)
            assert (await index.search(ALL)).matched == len(now)
        return now

    async def compared(index: EmbeddedIndex, now: dict[str, int]) -> None:
        for price in range(80):
            query = replace(ALL, price_min_minor=price, price_max_minor=price)
            assert set(await ids(index, query)) == {one for one, turn in now.items() if turn == price}

    async def scenario() -> None:
        index = opened(folder)
        now = await writing(index)
        shutil.copytree(folder, tmp_path / "crashed")
        await compared(index, now)
        await index.close()
        await compared(index, now)
        await index.close()
        crashed = opened(tmp_path / "crashed")
        assert 20 < int((await crashed.upto())["a"]) <= 79
        await crashed.close()

    asyncio.run(scenario())
    assert len(list(folder.glob("state-*"))) == 1


def test_what_is_being_saved_may_be_removed_altogether(tmp_path: Path) -> None:
    async def scenario() -> None:
        index = opened(tmp_path)
        vectors = np.repeat(vectors_of([PLAIN.title]), 5_000, axis=0)
        for price in range(4):
            await index.write([replace(PLAIN, id=str(n), price_minor=price) for n in range(5_000)], vectors, (), {})
            await put(index, replace(PLAIN, id="one more"), removed=[str(n) for n in range(5_000)])
            assert await ids(index, ALL) == await ids(index, wish("rose bouquet")) == ["one more"]
        await index.close()
        assert await ids(index, ALL) == ["one more"]
        await index.close()

    asyncio.run(scenario())


def test_twenty_thousand_offers(tmp_path: Path) -> None:
    """With more rows than are compared in full: the filters stay exact, and what is nearest is still found."""
    offers = list(listings(20_000))
    vectors = vectors_of([one.title for one in offers])
    opens = opening_hours(len(offers))
    wished = [wish(one.title) for one in offers[::800]]

    async def scenario() -> None:
        index = opened(tmp_path)
        await index.write(offers, vectors, (), {"a": "1"})
        shared = 0
        for query in wished:
            hits = await index.search(replace(query, text="", quantity=0))
            best = np.sort(vectors @ np.array(query.vector, np.float32))[::-1][:10]
            shared += sum(hit.similarity >= best[9] - 0.005 for hit in hits.items[:10])
            assert hits.matched == len(offers)
        assert shared >= 0.98 * 10 * len(wished)
        for query in wished[:5]:
            chosen = typical(query, opens)
            expected = {one.id for one in offers if passes(one, chosen)}
            hits = await index.search(replace(chosen, limit=500))
            assert hits.matched == len(expected)
            assert {hit.id for hit in hits.items} <= expected
            assert hits.items
        await index.close()
        assert await index.upto() == {"a": "1"}
        await index.close()

    asyncio.run(scenario())
