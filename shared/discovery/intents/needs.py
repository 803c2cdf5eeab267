"""The Graph of Needs: what a wish consists of, and what must be done before what."""

from __future__ import annotations

from collections.abc import Sequence

from shared.discovery.intent import Edge, Entities, Item, Needs, Node
from shared.discovery.taxonomy import NeedRules, Taxonomy
from shared.discovery.terms import NodeKind

NODES_MAX = 60


class _Graph:
    """Nodes and edges while they are put together."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []

    def add(
        self,
        kind: NodeKind,
        what: str,
        after: Sequence[str] = (),
        *,
        inferred: bool,
        quantity: int = 1,
        category: str | None = None,
    ) -> str:
        number = sum(node.kind == kind for node in self.nodes) + 1
        name = f"{kind}-{number}"
        self.nodes.append(Node(id=name, kind=kind, what=what, inferred=inferred, quantity=quantity, category=category))
        self.edges.extend(Edge.model_validate({"from": before, "to": name}) for before in after)
        return name


def needs_of(entities: Entities, taxonomy: Taxonomy) -> Needs:
    """Product → customization → assembly → packaging → delivery, as far as category and occasion ask for it."""
    rules = taxonomy.needs
    if rules is None or not entities.items:
        return Needs()
    graph = _Graph()
    carried: list[str] = []
    ways: dict[str, None] = {}
    for item in entities.items:
        last = _item(graph, item, taxonomy, rules)
        way = _way(item, taxonomy)
        if last and way in rules.delivery:
            carried.append(last)
            ways.setdefault(way)
    if carried:
        _handed_over(graph, entities, carried, tuple(ways), rules)
    return Needs(nodes=tuple(graph.nodes[:NODES_MAX]), edges=tuple(graph.edges))


def _item(graph: _Graph, item: Item, taxonomy: Taxonomy, rules: NeedRules) -> str:
    """The item's own node and what is done to it; gives back the last of them."""
    category = taxonomy.categories.get(item.category or "")
    kind = category.node if category else "product"
    last = graph.add(kind, item.name, inferred=False, quantity=item.quantity, category=item.category)
    works = item.attributes.get("customization", ())
    if item.text and not works and kind == "product" and not _writes_itself(item, taxonomy):
        works, inferred = (rules.written,), True
    else:
        inferred = False
    for tag in works:
        last = graph.add("customization", _said(tag), [last], inferred=inferred, quantity=item.quantity)
    return last


def _writes_itself(item: Item, taxonomy: Taxonomy) -> bool:
    """Who bakes a cake also writes on it."""
    return "baking" in taxonomy.capabilities_of(item.category or "")


def _way(item: Item, taxonomy: Taxonomy) -> str:
    category = taxonomy.categories.get(item.category or "")
    return category.delivery if category else "courier"


def _handed_over(graph: _Graph, entities: Entities, carried: list[str], ways: Sequence[str], rules: NeedRules) -> None:
    """Together as one gift, wrapped, and brought."""
    last = carried
    is_gift = _is_gift(entities, rules)
    packaging = [tag for item in entities.items for tag in item.attributes.get("packaging", ())]
    if is_gift and len(carried) >= rules.assembly_from:
        last = [graph.add("assembly", rules.assembly, last, inferred=True)]
    if packaging or is_gift:
        what = _said(packaging[0]) if packaging else rules.packaging
        last = [graph.add("packaging", what, last, inferred=not packaging)]
    way = "cold" if "cold" in ways else ways[0]
    graph.add("delivery", rules.delivery[way], last, inferred=True)


def _is_gift(entities: Entities, rules: NeedRules) -> bool:
    """Whether it is for somebody else; a party's cake and balloons are not wrapped."""
    is_present = any(item.category == "gift" or "gift" in item.name for item in entities.items)
    return bool(entities.recipient) or is_present or (entities.occasion or "") in rules.gift_occasions


def _said(tag: str) -> str:
    return tag.replace("-", " ")
