"""Capacity: the table, each rule by example, random commands beside a model that is too simple to err."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from shared.logistics.capacity import (
    KEEP_DAYS,
    MOVES,
    RESERVATION_MINUTES,
    STOCK_KEEP_DAYS,
    BadKey,
    Capacity,
    Command,
    Confirm,
    Event,
    Outcome,
    Release,
    Reserve,
    SetLimit,
    Status,
    decide,
    empty,
    free_units,
    slots_key,
    stock_key,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIFE = RESERVATION_MINUTES * MINUTE
SLOTS = slots_key("bakery", "cakes", date(2026, 11, 22))
STOCK = stock_key("roses")


def run(state: Capacity, *commands: Command) -> tuple[Capacity, list[Outcome]]:
    outcomes = []
    for command in commands:
        state, outcome = decide(state, command)
        outcomes.append(outcome)
    return state, outcomes


def offered(limit: int, key: str = SLOTS) -> Capacity:
    return run(empty(key), SetLimit(limit=limit, at=NOON))[0]


def words(outcomes: list[Outcome]) -> list[str]:
    return [outcome.reason or outcome.status for outcome in outcomes]


# --- the table, by commands alone

R, C, L = Event.RESERVE, Event.CONFIRM, Event.RELEASE
REACH = {
    Status.NEW: [],
    Status.RESERVED: [Reserve(id="a", at=NOON)],
    Status.CONFIRMED: [Reserve(id="a", at=NOON), Confirm(id="a", at=NOON)],
    Status.RELEASED: [Reserve(id="a", at=NOON), Release(id="a", at=NOON)],
    Status.EXPIRED: [Reserve(id="a", at=NOON)],
}
SAYS = {
    (Status.NEW, R): "reserved", (Status.NEW, C): "new", (Status.NEW, L): "released",
    (Status.RESERVED, R): "reserved", (Status.RESERVED, C): "confirmed", (Status.RESERVED, L): "released",
    (Status.CONFIRMED, R): "confirmed", (Status.CONFIRMED, C): "confirmed", (Status.CONFIRMED, L): "released",
    (Status.RELEASED, R): "released", (Status.RELEASED, C): "released", (Status.RELEASED, L): "released",
    (Status.EXPIRED, R): "expired", (Status.EXPIRED, C): "expired", (Status.EXPIRED, L): "released",
}  # fmt: skip
REFUSED = {
    (Status.NEW, C), (Status.RELEASED, R), (Status.RELEASED, C), (Status.EXPIRED, R), (Status.EXPIRED, C),
}  # fmt: skip


@pytest.mark.parametrize(("status", "event"), list(product(REACH, (R, C, L))))
@pytest.mark.parametrize("key", [SLOTS, STOCK])
def test_every_command_in_every_status(key: str, status: Status, event: Event) -> None:
    at = NOON + (LIFE if status is Status.EXPIRED else timedelta())
    command = {R: Reserve, C: Confirm, L: Release}[event](id="a", at=at)
    state, _ = run(offered(3, key), *REACH[status])
    after, (outcome,) = run(state, command)
    assert (outcome.reason or outcome.status) == SAYS[status, event]
    assert (outcome.status == "refused") == ((status, event) in REFUSED)
    kept = after.reservations.get("a")
    if (status, event) in REFUSED:
        assert (kept.status if kept else Status.NEW) is status
    else:
        assert kept is not None
        assert kept.status is MOVES[status, event]


@pytest.mark.parametrize("status", list(REACH))
def test_time_alone_ends_only_what_is_reserved(status: Status) -> None:
    state, _ = run(offered(3), *REACH[status], Release(id="other", at=NOON + LIFE))
    kept = state.reservations.get("a")
    expected = Status.EXPIRED if status is Status.RESERVED else status
    assert (kept.status if kept else Status.NEW) is expected


def test_the_table_has_no_pair_beyond_those_above() -> None:
    allowed = {pair for pair in SAYS if pair not in REFUSED} | {(Status.RESERVED, Event.EXPIRE)}
    assert set(MOVES) == allowed


# --- rules by example


def test_the_last_unit_goes_to_one() -> None:
    _, outcomes = run(offered(1), Reserve(id="a", at=NOON), Reserve(id="b", at=NOON))
    assert outcomes[0] == Outcome(status="reserved", until=NOON + LIFE)
    assert outcomes[1] == Outcome(status="refused", reason="full")


def test_nothing_is_to_be_had_before_a_limit_is_set() -> None:
    assert words(run(empty(SLOTS), Reserve(id="a", at=NOON))[1]) == ["not_offered"]
    assert free_units(empty(SLOTS), NOON) == 0


def test_several_units_are_taken_whole_or_not_at_all() -> None:
    state, outcomes = run(offered(5), Reserve(id="a", units=3, at=NOON), Reserve(id="b", units=3, at=NOON))
    assert words(outcomes) == ["reserved", "full"]
    assert free_units(state, NOON) == 2


def test_a_repeated_reservation_keeps_its_first_expiry_and_its_units() -> None:
    state, outcomes = run(offered(5), Reserve(id="a", units=2, at=NOON), Reserve(id="a", units=2, at=NOON + 5 * MINUTE))
    assert [outcome.until for outcome in outcomes] == [NOON + LIFE] * 2
    assert free_units(state, NOON) == 3


def test_an_id_cannot_be_used_for_another_number_of_units() -> None:
    _, outcomes = run(offered(5), Reserve(id="a", units=2, at=NOON), Reserve(id="a", units=3, at=NOON))
    assert words(outcomes) == ["reserved", "other_units"]


def test_what_expired_is_free_for_the_next_and_lost_for_the_first() -> None:
    late = NOON + LIFE
    state, outcomes = run(
        offered(1),
        Reserve(id="a", at=NOON),
        Reserve(id="b", at=late - timedelta(seconds=1)),
        Reserve(id="c", at=late),
        Confirm(id="a", at=late),
    )
    assert words(outcomes) == ["reserved", "full", "reserved", "expired"]
    assert free_units(state, late + LIFE) == 1


def test_time_told_out_of_order_brings_nothing_back() -> None:
    _, outcomes = run(
        offered(1),
        Reserve(id="a", at=NOON),
        Release(id="x", at=NOON + LIFE),
        Confirm(id="a", at=NOON + MINUTE),
        Reserve(id="b", at=NOON + MINUTE),
    )
    assert words(outcomes) == ["reserved", "released", "expired", "reserved"]
    assert outcomes[3].until == NOON + 2 * LIFE


def test_an_undo_that_overtakes_its_step_shuts_the_door() -> None:
    state, outcomes = run(offered(1), Release(id="a", at=NOON), Reserve(id="a", at=NOON))
    assert words(outcomes) == ["released", "released"]
    assert free_units(state, NOON) == 1


def test_a_lowered_limit_keeps_what_is_reserved_and_refuses_the_next() -> None:
    later = NOON + MINUTE
    state, _ = run(offered(3), Reserve(id="a", units=3, at=NOON), SetLimit(limit=1, at=later))
    assert free_units(state, later) == 0
    _, outcomes = run(state, Confirm(id="a", at=later), Reserve(id="b", at=later), Release(id="a", at=later))
    assert words(outcomes) == ["confirmed", "full", "released"]


def test_a_limit_told_earlier_does_not_win_over_a_later_one() -> None:
    state, _ = run(offered(3), SetLimit(limit=7, at=NOON + 2 * MINUTE), SetLimit(limit=1, at=NOON + MINUTE))
    assert free_units(state, NOON) == 7


def test_what_whoever_reserves_knows_of_a_limit_counts_unless_a_newer_one_is_known() -> None:
    def knowing(name: str, limit: int, minutes: int) -> Reserve:
        return Reserve(id=name, units=2, limit=limit, limit_at=NOON + minutes * MINUTE, at=NOON + 9 * MINUTE)

    state, outcomes = run(empty(STOCK), knowing("a", 3, 1), knowing("b", 9, 1), knowing("c", 9, 0), knowing("d", 4, 2))
    assert words(outcomes) == ["reserved", "full", "full", "reserved"]
    assert state.limit == 4


def test_what_is_not_sold_is_told_with_what_says_which_is_newer() -> None:
    at = NOON + MINUTE
    _, outcomes = run(
        offered(5, STOCK), Reserve(id="a", units=2, at=at), Reserve(id="b", at=at), Confirm(id="a", at=at),
        Confirm(id="a", at=at), Release(id="b", at=at), Release(id="a", at=at), SetLimit(limit=7, at=at),
    )  # fmt: skip
    told = [one.unsold for one in outcomes if one.unsold is not None]
    assert [(one.units, one.limit_at, one.sales) for one in told] == [
        (5, NOON, 0), (5, NOON, 0), (3, NOON, 1), (3, NOON, 1), (3, NOON, 1), (5, NOON, 2), (7, at, 0),
    ]  # fmt: skip


def test_sold_stock_is_off_the_shelf_and_a_repeated_count_does_not_bring_it_back() -> None:
    counted = SetLimit(limit=5, at=NOON)
    state, _ = run(empty(STOCK), counted, Reserve(id="a", units=2, at=NOON), Confirm(id="a", at=NOON))
    state, _ = run(state, counted, Confirm(id="a", at=NOON))
    assert free_units(state, NOON) == 3
    recounted, _ = run(state, SetLimit(limit=20, at=NOON + MINUTE))
    assert free_units(recounted, NOON) == 20
    back, _ = run(state, Release(id="a", at=NOON), Release(id="a", at=NOON))
    assert free_units(back, NOON) == 5


def test_slots_stay_taken_until_their_day_is_over_then_the_state_is_empty() -> None:
    state, _ = run(offered(2), Reserve(id="a", at=NOON), Confirm(id="a", at=NOON), Release(id="b", at=NOON))
    on_the_day = datetime(2026, 11, 22, 11, tzinfo=UTC)
    on_day, _ = run(state, SetLimit(limit=2, at=on_the_day))
    assert free_units(on_day, on_the_day) == 1
    assert "b" in on_day.reservations
    over, _ = run(on_day, SetLimit(limit=2, at=on_the_day + timedelta(days=KEEP_DAYS + 1)))
    assert over.reservations == {}


def test_sales_from_stock_are_forgotten_in_time_without_coming_back() -> None:
    state, _ = run(offered(5, STOCK), Reserve(id="a", units=2, at=NOON), Confirm(id="a", at=NOON))
    late = NOON + timedelta(days=STOCK_KEEP_DAYS, seconds=1)
    state, outcomes = run(state, Release(id="a", at=late))
    assert words(outcomes) == ["released"]
    assert free_units(state, late) == 3


def test_keys_say_what_they_are_of() -> None:
    assert (SLOTS, STOCK) == ("bakery|cakes|2026-11-22", "stock|roses")
    assert empty(SLOTS).day == date(2026, 11, 22)
    assert empty(STOCK).day is None


@pytest.mark.parametrize("key", ["", "roses", "stock|", "a|b", "a|b|soon", "a||2026-11-22", "a|b|2026-11-22|c"])
def test_other_keys_are_refused(key: str) -> None:
    with pytest.raises(BadKey):
        empty(key)


@pytest.mark.parametrize("part", ["", "a|b", "a@b", "a/b", "a?b", "a#b", "a\\b"])
def test_parts_of_keys_are_plain(part: str) -> None:
    with pytest.raises(BadKey):
        slots_key(part, "cakes", NOON.date())
    with pytest.raises(BadKey):
        slots_key("bakery", part, NOON.date())
    with pytest.raises(BadKey):
        stock_key(part)


@pytest.mark.parametrize("made", [
    lambda: Reserve(id="a", units=0, at=NOON),
    lambda: Reserve(id="", at=NOON),
    lambda: Reserve(id="__class__", at=NOON),
    lambda: Reserve(id="a", at=NOON.replace(tzinfo=None)),
    lambda: SetLimit(limit=-1, at=NOON),
])  # fmt: skip
def test_commands_are_checked(made: object) -> None:
    with pytest.raises(ValueError, match="validation error"):
        made()  # type: ignore[operator]


# --- random commands beside a naive model

IDS = st.sampled_from("abcdef")


class Model(RuleBasedStateMachine):
    """The model: a list of units per id and plain arithmetic, everything recomputed from it each time."""

    key = SLOTS

    def __init__(self) -> None:
        super().__init__()
        self.state = empty(self.key)
        self.now = NOON
        self.limit: int | None = None
        self.held: dict[str, tuple[int, datetime]] = {}
        self.sold: dict[str, int] = {}
        self.gone: dict[str, str] = {}

    def say(self, command: Command) -> str:
        self.state, outcome = decide(self.state, command)
        assert decide(self.state, command) == (self.state, outcome), "a repeated command changes nothing"
        return outcome.reason or outcome.status

    def taken(self) -> int:
        return sum(units for units, _ in self.held.values()) + (sum(self.sold.values()) if self.key == SLOTS else 0)

    @rule(minutes=st.integers(0, 12))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTE
        for name in [name for name, (_, until) in self.held.items() if until <= self.now]:
            del self.held[name]
            self.gone[name] = "expired"

    @rule(limit=st.integers(0, 8))
    def set_limit(self, limit: int) -> None:
        self.now += timedelta(seconds=1)
        self.time_passes(0)
        assert self.say(SetLimit(limit=limit, at=self.now)) == "set"
        self.limit = limit

    @rule(name=IDS, units=st.integers(1, 4))
    def reserve(self, name: str, units: int) -> None:
        said = self.say(Reserve(id=name, units=units, at=self.now))
        if name in self.gone:
            assert said == self.gone[name]
        elif name in self.held or name in self.sold:
            same = (self.held[name][0] if name in self.held else self.sold[name]) == units
            assert said == (("reserved" if name in self.held else "confirmed") if same else "other_units")
        elif self.limit is None:
            assert said == "not_offered"
        elif self.taken() + units > self.limit:
            assert said == "full"
        else:
            assert said == "reserved"
            self.held[name] = (units, self.now + LIFE)

    @rule(name=IDS, minutes_ago=st.integers(0, 30))
    def confirm(self, name: str, minutes_ago: int) -> None:
        """Told late, once the time has been told by another."""
        self.say(Release(id="tick", at=self.now))
        said = self.say(Confirm(id=name, at=self.now - minutes_ago * MINUTE))
        if name in self.held:
            self.sold[name] = self.held.pop(name)[0]
            if self.key == STOCK:
                assert self.limit is not None
                self.limit -= self.sold[name]
        assert said == ("confirmed" if name in self.sold else self.gone.get(name, "new"))

    @rule(name=IDS)
    def release(self, name: str) -> None:
        assert self.say(Release(id=name, at=self.now)) == "released"
        self.held.pop(name, None)
        back = self.sold.pop(name, 0)
        if self.key == STOCK and self.limit is not None:
            self.limit += back
        self.gone[name] = "released"

    @invariant()
    def the_same_is_free(self) -> None:
        assert free_units(self.state, self.now) == max(0, (self.limit or 0) - self.taken())

    @invariant()
    def the_state_survives_the_wire(self) -> None:
        assert Capacity.model_validate_json(self.state.model_dump_json()) == self.state


class StockModel(Model):
    """The same for stock, where a sale leaves the shelf."""

    key = STOCK


TestSlots = Model.TestCase
TestStock = StockModel.TestCase
TestSlots.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestStock.settings = TestSlots.settings
