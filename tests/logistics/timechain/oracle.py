"""The same questions put to OR-Tools CP-SAT, which proves its answers: written from the rules, not from the code."""

from __future__ import annotations

from ortools.sat.python import cp_model

from shared.logistics.timechain.choices import Candidate, Order
from shared.logistics.timechain.model import Chain, Leg
from shared.logistics.timechain.route import Courier, Stop

LATEST = 5_000


def solved(model: cp_model.CpModel) -> cp_model.CpSolver | None:
    """The solver with a proved optimum, or None if it is proved that there is none."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = 20
    status = solver.solve(model)
    assert status in {cp_model.OPTIMAL, cp_model.INFEASIBLE}, solver.status_name(status)
    return solver if status == cp_model.OPTIMAL else None


def start_var(model: cp_model.CpModel, leg: Leg, earliest: int) -> cp_model.IntVar:
    """Within an opening that holds the work."""
    if leg.calendar is None:
        return model.new_int_var(earliest, LATEST, leg.id)
    spans = zip(leg.calendar.opens, leg.calendar.closes, strict=True)
    fitting = [[max(a, earliest), z - leg.minutes] for a, z in spans if z - leg.minutes >= max(a, earliest)]
    return model.new_int_var_from_domain(cp_model.Domain.from_intervals(fitting), leg.id)


def chain_model(chain: Chain, due: dict[str, int] | None) -> tuple[cp_model.CpModel, dict[str, cp_model.IntVar]]:
    """Every constraint; with `due` each end is bounded and the starts are pushed late, without it early."""
    model = cp_model.CpModel()
    start = {leg.id: start_var(model, leg, max(chain.start, leg.ready_from or 0)) for leg in chain.legs}
    end = {leg.id: start[leg.id] + leg.minutes + leg.buffer_minutes for leg in chain.legs}
    for one in chain.precedences:
        model.add(start[one.after] >= end[one.before] + one.lag_min)
        if one.lag_max is not None:
            model.add(start[one.after] <= end[one.before] + one.lag_max)
    for pair in chain.togethers:
        model.add(end[pair.a] - end[pair.b] <= pair.within)
        model.add(end[pair.b] - end[pair.a] <= pair.within)
    if due is None:
        model.minimize(sum(start.values()))
    else:
        for name, by in due.items():
            model.add(end[name] <= by)
        model.maximize(sum(start.values()))
    return model, start


def starts(chain: Chain, due: dict[str, int] | None = None) -> dict[str, int] | None:
    """The best start of every leg, or None."""
    model, start = chain_model(chain, due)
    solver = solved(model)
    return None if solver is None else {name: solver.value(one) for name, one in start.items()}


def least_cost(order: Order) -> int | None:
    """The cost of the cheapest choice that is delivered in time, or None."""
    model = cp_model.CpModel()
    costs: list[cp_model.LinearExprT] = []
    hubs = _one_of(model, order.hubs, order, costs)
    couriers = _one_of(model, order.couriers, order, costs)
    _leads(model, order, hubs, couriers, costs)
    for item in order.items:
        vendors = _one_of(model, item.vendors, order, costs)
        customizers = _one_of(model, item.customizers, order, costs) if item.customizers else vendors
        if item.customizers:
            _leads(model, order, vendors, customizers, costs)
        _leads(model, order, customizers, hubs, costs)
    for candidate, chosen, start in couriers:
        model.add(start + candidate.minutes + candidate.buffer_minutes <= order.deadline).only_enforce_if(chosen)
    model.minimize(sum(costs))
    solver = solved(model)
    return None if solver is None else round(solver.objective_value)


_Options = list[tuple[Candidate, cp_model.IntVar, cp_model.IntVar]]
"""Somebody, whether it is them, and when they would start."""


def _one_of(model: cp_model.CpModel, candidates: tuple[Candidate, ...], order: Order, costs: list) -> _Options:
    options = []
    for one in candidates:
        leg = Leg(one.id, "wait", one.minutes, calendar=one.calendar)
        earliest = max(order.start, one.ready_from or 0)
        options.append((one, model.new_bool_var(one.id), start_var(model, leg, earliest)))
    model.add_exactly_one(chosen for _, chosen, _ in options)
    costs += [one.cost * chosen for one, chosen, _ in options]
    return options


def _leads(model: cp_model.CpModel, order: Order, sources: _Options, targets: _Options, costs: list) -> None:
    for a, is_a, start_a in sources:
        for b, is_b, start_b in targets:
            way = order.transfers.get((a.id, b.id))
            if way is None:
                model.add_bool_or(is_a.negated(), is_b.negated())
                continue
            both = model.new_bool_var("")
            model.add_bool_or(is_a.negated(), is_b.negated(), both)
            end = start_a + a.minutes + a.buffer_minutes
            model.add(start_b >= end + way.minutes).only_enforce_if(both)
            costs.append(way.cost * both)


def least_end(courier: Courier, stops: list[Stop], ways: dict[tuple[str, str], int]) -> int | None:
    """When the best round of one courier through all stops ends, or None."""
    model = cp_model.CpModel()
    begin = [model.new_int_var(stop.first, min(stop.last, LATEST), stop.id) for stop in stops]
    load = [model.new_int_var(0, min(courier.load_max, 1_000), stop.id) for stop in stops]
    end = model.new_int_var(0, min(courier.until, LATEST), "end")
    arcs = []
    for j, stop in enumerate(stops):
        first, last = model.new_bool_var(""), model.new_bool_var("")
        arcs += [(0, j + 1, first), (j + 1, 0, last)]
        model.add(begin[j] >= courier.start + ways[courier.id, stop.id]).only_enforce_if(first)
        model.add(load[j] == stop.load).only_enforce_if(first)
        model.add(end >= begin[j] + stop.minutes)
        for i, before in enumerate(stops):
            if i != j:
                arc = model.new_bool_var("")
                arcs.append((i + 1, j + 1, arc))
                arrival = begin[i] + before.minutes + ways[before.id, stop.id]
                model.add(begin[j] >= arrival).only_enforce_if(arc)
                model.add(load[j] == load[i] + stop.load).only_enforce_if(arc)
            if stop.after == before.id:
                model.add(begin[j] >= begin[i] + before.minutes)
    model.add_circuit(arcs)
    model.minimize(end)
    solver = solved(model)
    return None if solver is None else round(solver.objective_value)
