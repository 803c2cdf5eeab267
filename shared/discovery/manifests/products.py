"""One row of the platform's own columns to one product, or to problems."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, Field, ValidationError

from shared.discovery.manifests.amounts import minor_of, whole_minor
from shared.discovery.manifests.cells import Cells
from shared.discovery.manifests.durations import minutes_of
from shared.discovery.manifests.events import events_of
from shared.discovery.manifests.rows import Findings, Row, shown
from shared.discovery.manifests.tagging import Said, Tagging, gathered, tagging_of
from shared.discovery.manifests.takes import customization_of, said_in
from shared.discovery.manifests.words import Group, Lexicon
from shared.discovery.partners import Partner
from shared.discovery.products import CUSTOMIZATIONS_MAX, TAGS_MAX, Customization, Kind, Product, product_id
from shared.discovery.taxonomy import Taxonomy
from shared.money.amounts import Money
from shared.wire import Plain

STOCK_MAX, PARTY_MAX, RATINGS_MAX = 1_000_000, 100_000, 10_000_000
KINDS = get_args(Kind)
UNITS = ("item", "person", "hour", "set", "dozen", "day")
# Column → the attribute that it fills.
ATTRIBUTES: Mapping[str, str] = {
    "colours": "colour", "sizes": "size", "materials": "material", "styles": "style", "diets": "diet",
    "occasions": "occasion", "recipients": "recipient",
}  # fmt: skip
_SKU = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_PARTY = re.compile(
    "(?:up to\\s*)?(\\d{1,6})\\s*(?:(?:-|\u2013|to)\\s*(\\d{1,6})|(\\+))?(?:\\s*(?:people|persons|guests))?",
    re.I | re.A,
)
_AS_ORDERED = {
    "unlimited",
    "made to order",
    "as ordered",
    "in stock",
    "in_stock",
    "yes",
    "true",
    "available",
    "instock",
}
_NONE_LEFT = {"out of stock", "out_of_stock", "sold out", "no", "false", "none", "unavailable", "outofstock"}


def _duration(text: str) -> str:
    try:
        minutes_of(text)
    except ValueError as why:
        raise ValueError(f"{shown(text)!r} {why}") from None
    return text


class Defaults(Plain):
    """What stands for columns that a shape does not have.

    net_percent: the vendor's part of the price; lead: as in the column, such as `2h`; category: what the shop mostly
    sells; has_ratings: whether the file's ratings are believed (a shop does not rate itself).
    """

    net_percent: int = Field(80, ge=0, le=100)
    lead: Annotated[str, AfterValidator(_duration)] = "1d"
    category: str = ""
    has_ratings: bool = False


@dataclass(frozen=True)
class Making:
    """What rows become products with."""

    partner: Partner
    defaults: Defaults
    taxonomy: Taxonomy
    lexicon: Lexicon
    at: datetime
    findings: Findings


def product_of(row: Row, making: Making) -> Product | None:
    """The product of a row; None where the row is refused, and then the findings say why."""
    cells = Cells(row, making.findings)
    made: Product | None = None
    facts = _facts(cells, making)
    if not cells.problems:
        try:
            made = Product.model_validate(facts)
        except ValidationError as error:  # what the checks above let through stays one row's problem
            for fault in error.errors(include_url=False, include_context=False, include_input=False)[:3]:
                cells.wrong(".".join(map(str, fault["loc"])) or "row", fault["msg"].lower())
    if cells.problems:
        making.findings.refuse(cells.problems)
        return None
    return made


def sku_of(row: Row) -> str:
    """The SKU that a row names, if it is one."""
    said = row.fields.get("sku", "").strip()
    return said if _SKU.fullmatch(said) else ""


def _facts(cells: Cells, making: Making) -> dict[str, Any]:
    sku, title = cells.line("sku", 80), cells.line("title", 200)
    if not _SKU.fullmatch(sku) and not any(problem.field == "sku" for problem in cells.problems):
        rule = "may hold letters, digits, `.`, `_` and `-` only, such as ROSE-12"
        cells.wrong("sku", rule if sku else "is missing; write a short name of its own, such as ROSE-12", sku)
    if not title and not any(problem.field == "title" for problem in cells.problems):
        cells.wrong("title", "is missing; write what it is, such as A Dozen Red Roses")
    description = cells.line("description", 4_000)
    takes = _takes(cells, making)
    tagging = _tagging(cells, making, title, description)
    kind = _kind(cells, making, tagging.category, takes)
    price, net = _money(cells, making)
    party_min, party_max = cells.value("party", _party) or (0, 0)
    events = events_of(cells, making.partner.place.region)
    work = cells.value("work", minutes_of) or max((one.starts_after_minutes + one.minutes for one in events), default=0)
    lead = cells.value("lead", minutes_of)
    rating, ratings = _rating(cells, making.defaults)
    if cells.row.fields.get("images"):
        making.findings.note(0, "images", "image addresses are not fetched; upload the pictures themselves")
    return {
        "id": product_id(making.partner.id, sku), "partner": making.partner.id, "sku": sku, "kind": kind,
        "title": title, "description": description, "category": tagging.category, "tags": tagging.tags,
        "attributes": tagging.attributes, "price": price, "net": net, "unit": _one_of(cells, "unit", UNITS) or "item",
        "stock": _stock(cells), "lead_minutes": max(work, minutes_of(making.defaults.lead)) if lead is None else lead,
        "work_minutes": work, "party_min": party_min, "party_max": party_max, "customizations": takes,
        "events": events, "rating_hundredths": rating, "ratings": ratings, "link": _link(cells),
        "status": _one_of(cells, "status", ("active", "paused", "removed")) or "active",
        "needs_review": tagging.needs_review or kind == "experience", "updated_at": making.at,
    }  # fmt: skip


def _tagging(cells: Cells, making: Making, title: str, description: str) -> Tagging:
    """What tagging finds, and what the row's own columns say instead."""
    given = cells.names("category")
    said = Said(title, description, given, cells.names("tags"), making.defaults.category)
    found = tagging_of(said, making.taxonomy, making.lexicon)
    if given and found.confidence < 0.95:
        known = making.taxonomy.categories
        hint = cells.perhaps(given[-1], known)
        cells.note("category", f"{shown(given[-1])!r} is none we know and was read as {found.category}{hint}")
    for tag in said.tags:
        if cells.has("kind") and not making.lexicon.exactly(tag, "capability"):
            cells.note(
                "tags", f"{shown(tag)!r} is no capability we know{cells.perhaps(tag, making.taxonomy.capabilities)}"
            )
    attributes = dict(found.attributes)
    for column, kind in ATTRIBUTES.items():
        if cells.has(column):
            attributes[kind] = tuple(_values(cells, making, column, kind))
    pairs = [(kind, value) for kind, values in attributes.items() for value in values]
    pairs += [(name.kind, name.value) for text in cells.names("options") for name in _option(text, making.lexicon)]
    every = gathered(pairs)
    diets = [value for value in every.get("diet", ()) if value in making.taxonomy.capabilities]
    tags = tuple(dict.fromkeys((*found.tags, *diets)))[:TAGS_MAX]
    return Tagging(found.category, found.confidence, tags, every)


def _values(cells: Cells, making: Making, column: str, kind: str) -> list[str]:
    found: list[str] = []
    for entry in cells.names(column):
        group: Group = kind if kind in {"occasion", "recipient"} else "attribute"  # type: ignore[assignment]
        names = [name.value for name in making.lexicon.exactly(entry, group) if name.kind == kind]
        if names:
            found.append(names[0])
        else:
            hint = cells.perhaps(entry, _known(kind, making.taxonomy))
            cells.note(column, f"{shown(entry)!r} is none we know and was left out{hint}")
    return found


def _known(kind: str, taxonomy: Taxonomy) -> Iterable[str]:
    if kind == "occasion":
        return taxonomy.occasions
    return taxonomy.recipients if kind == "recipient" else taxonomy.attributes.get(kind, {})


def _option(text: str, lexicon: Lexicon) -> list[Any]:
    """`Color: Blush` is the colour pink; what is no value we know is left to the title."""
    return [name for name in lexicon.exactly(text.rpartition(":")[2], "attribute") if name.kind != "diet"]


def _kind(cells: Cells, making: Making, category: str, takes: tuple[Customization, ...]) -> str:
    """As said, else: an experience has events, a blank takes others' work, a service is done or had somewhere."""
    said = _one_of(cells, "kind", KINDS)
    if said:
        return said
    if cells.row.parts:
        return "experience"
    if any(not one.is_by_partner for one in takes):
        return "blank"
    entry = making.taxonomy.categories.get(category)
    return "service" if entry and entry.delivery not in {"courier", "cold"} else "product"


def _takes(cells: Cells, making: Making) -> tuple[Customization, ...]:
    found: dict[str, Customization] = {}
    for entry in cells.names("takes"):
        try:
            what = said_in(entry)[0]
            names = making.lexicon.exactly(what, "capability")
            if not names:
                raise ValueError(f"is no work we know{cells.perhaps(what, making.taxonomy.capabilities)}")  # noqa: TRY301
            found[names[0].value] = customization_of(entry, names[0].value, making.partner.currency)
        except ValueError as why:
            cells.wrong("takes", str(why), entry)
    if len(found) > CUSTOMIZATIONS_MAX:
        cells.wrong("takes", f"has {len(found)} entries; {CUSTOMIZATIONS_MAX} is the most")
    return tuple(found.values())


def _money(cells: Cells, making: Making) -> tuple[Money | None, Money | None]:
    currency = making.partner.currency
    said = cells.raw("currency").upper()
    if said and said != currency:
        cells.wrong("price", f"is in {shown(said)}, but this shop sells in {currency}; write it in {currency}")
        return None, None
    price, net = _amount(cells, "price", currency), _amount(cells, "net", currency)
    if price is None or price == 0:
        if not any(problem.field == "price" for problem in cells.problems):
            cells.wrong("price", "is missing; write 12.00" if price is None else "is zero; write 12.00")
        return None, None
    if net is not None and net > price:
        cells.wrong("net", "is above the price; it is what the shop gets of it", cells.raw("net"))
    share = price * making.defaults.net_percent // 100 if net is None else net
    return Money(minor=price, currency=currency), Money(minor=share, currency=currency)


def _amount(cells: Cells, name: str, currency: str) -> int | None:
    if cells.raw(f"{name}_minor"):
        try:
            return whole_minor(cells.raw(f"{name}_minor"))
        except ValueError as why:
            cells.wrong(name, str(why), cells.raw(f"{name}_minor"))
            return None
    return cells.value(name, lambda text: minor_of(text, currency))


def _stock(cells: Cells) -> int | None:
    said = cells.raw("stock").lower()
    if not said or said in _AS_ORDERED:
        return None
    if said in _NONE_LEFT:
        return 0
    if re.fullmatch(r"-\d{1,7}", said, re.ASCII):
        cells.note("stock", "below zero is read as none left")
        return 0
    return cells.whole("stock", STOCK_MAX)


def _party(text: str) -> tuple[int, int]:
    found = _PARTY.fullmatch(text)
    if not found:
        raise ValueError("is no number of people; write 12, or 2-12")
    least, most = (int(found[1]), int(found[2])) if found[2] else (0, int(found[1]))
    if found[3]:
        return int(found[1]), 0
    if least > most or most > PARTY_MAX:
        raise ValueError("is no number of people; write the smaller one first, such as 2-12")
    return least, most


def _rating(cells: Cells, defaults: Defaults) -> tuple[int, int]:
    if not defaults.has_ratings:
        if cells.raw("rating") or cells.raw("ratings"):
            cells.note("rating", "ratings are given by customers and were left out")
        return 0, 0

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-5](?:\.\d{1,2})?", text, re.ASCII) or float(text) > 5:
            raise ValueError("is no rating from 0 to 5; write 4.7")
        return round(float(text) * 100)

    return cells.value("rating", read) or 0, cells.whole("ratings", RATINGS_MAX) or 0


def _link(cells: Cells) -> str:
    said = cells.line("link", 2_000)
    if said and not re.match(r"https?://[^\s<>\"']+$", said):
        cells.note("link", "it is no web address (https://…) and was left out")
        return ""
    return said


def _one_of(cells: Cells, name: str, known: tuple[str, ...]) -> str:
    said = cells.raw(name).lower()
    if said and said not in known:
        cells.wrong(name, f"is none of {', '.join(known)}", cells.raw(name))
        return ""
    return said
