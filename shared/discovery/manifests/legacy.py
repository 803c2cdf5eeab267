"""The Legacy Adapter: any table or list of flat objects, its headers understood by their words and by likeness."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from shared.discovery.manifests.documents import Json, inner, items_of, scalar, texts
from shared.discovery.manifests.markup import words_of
from shared.discovery.manifests.rows import COLUMNS_MAX, Findings, Row, shown
from shared.discovery.manifests.tables import Table
from shared.discovery.manifests.variants import sku_in
from shared.discovery.manifests.words import words_in

LISTS = ("products", "items", "services", "entries", "results", "rows")
LIKENESS_MIN = 0.84
# Column → what exports and hand-made lists call it; each name stands for one column only.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "sku": (
        "sku", "item number", "item no", "article number", "article no", "article", "product code", "item code",
        "code", "item id", "product id", "id", "ref", "reference", "part number", "handle", "stock code", "plu",
    ),
    "title": (
        "title", "name", "product name", "item name", "product title", "product", "item", "service", "item title",
    ),
    "description": (
        "description", "details", "body", "long description", "full description", "about", "text",
        "product description", "item description", "short description", "summary", "notes",
    ),
    "kind": ("kind", "offer type"),
    "category": (
        "category", "type", "product type", "department", "section", "collection", "group", "product category",
        "item category",
    ),
    "price": (
        "price", "retail price", "unit price", "regular price", "selling price", "sell price", "list price", "rrp",
        "msrp", "rate", "amount", "our price", "customer price", "price each", "retail",
    ),
    "net": (
        "net", "net price", "wholesale", "wholesale price", "cost", "cost price", "vendor net", "unit cost",
        "payout",
    ),
    "currency": ("currency", "currency code", "price currency"),
    "unit": ("unit", "sold by", "per", "unit of measure", "uom"),
    "stock": (
        "stock", "quantity", "qty", "inventory", "on hand", "qty on hand", "quantity on hand", "in stock",
        "available", "availability", "stock level", "units available", "stock qty", "count",
    ),
    "lead": (
        "lead", "lead time", "turnaround", "preparation time", "prep time", "ready in", "processing time", "notice",
    ),
    "work": ("work", "duration", "length", "how long", "service time", "takes time", "session length"),
    "party": ("party", "party size", "guests", "people", "group size", "capacity", "serves", "max guests", "persons"),
    "colours": ("colours", "colour", "color", "available colors", "shade"),
    "sizes": ("sizes", "size", "available sizes"),
    "materials": ("materials", "material", "fabric", "made of"),
    "styles": ("styles", "style", "look"),
    "occasions": ("occasions", "occasion", "good for", "event"),
    "recipients": ("recipients", "recipient", "for whom", "who for", "gift for"),
    "diets": ("diets", "diet", "dietary", "dietary info", "allergens free"),
    "takes": ("takes", "customization", "customisation", "customizations", "personalization options"),
    "tags": ("tags", "keywords", "labels", "tag"),
    "rating": ("rating", "stars", "average rating"),
    "ratings": ("ratings", "reviews", "review count", "number of reviews"),
    "link": ("link", "url", "product url", "web page", "permalink", "website"),
    "images": ("images", "image", "image url", "picture", "photo", "image src", "image link", "photos", "thumbnail"),
    "status": ("status", "published", "active", "visible", "enabled", "state"),
}  # fmt: skip
_BY_NAME = {" ".join(words_in(said)): column for column, names in SYNONYMS.items() for said in names}
_LISTS = ("colours", "sizes", "materials", "styles", "occasions", "recipients", "diets", "tags")
_HIDDEN = {"false", "no", "0", "-1", "draft", "inactive", "hidden", "archived", "unpublished", "n", "off", "paused"}
_GONE = {"deleted", "removed", "discontinued"}
# What a header says of its own currency or unit: `Price (USD)`, `Cost $`.
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[$€£]|\b(?:usd|eur|gbp|cad|mxn)\b", re.IGNORECASE)


def rows_of_table(table: Table, findings: Findings) -> list[Row]:
    """The rows of a table, by our columns."""
    names = columns_of(table.header, findings)
    return _rows(
        [(number, dict(zip(table.header, cells, strict=True))) for number, cells in table.records], names, findings
    )


def rows_of_objects(objects: Sequence[tuple[int, Json]], findings: Findings) -> list[Row]:
    """The rows of flat objects, by our columns; of what is nested only lists of scalars and amounts are read."""
    header = tuple(dict.fromkeys(str(name) for _, given in objects for name in given))[: COLUMNS_MAX + 1]
    if len(header) > COLUMNS_MAX:
        findings.reject(f"its objects have more than {COLUMNS_MAX} different fields")
        return []
    names = columns_of(header, findings)
    return _rows(
        [(number, {name: _flat(given.get(name)) for name in header}) for number, given in objects], names, findings
    )


def listed(objects: Sequence[tuple[int, Json]]) -> Sequence[tuple[int, Json]]:
    """The offers of an export that wraps them in one object."""
    within = items_of(objects[0][1], LISTS) if len(objects) == 1 else None
    return (
        objects if within is None else [(number, one) for number, one in enumerate(within, 1) if isinstance(one, dict)]
    )


def columns_of(header: Sequence[str], findings: Findings) -> dict[str, str]:
    """Header → our column, for those that are understood; the plainest name wins where two mean the same."""
    found: dict[str, str] = {}
    for is_exact in (True, False):
        for said in header:
            column = _column(said, is_exact=is_exact)
            if column and said not in found and column not in found.values():
                found[said] = column
                if not is_exact or said.strip().lower() != column:
                    findings.note(0, "header", f"the column {shown(said)!r} was read as {column}")
    for said in header:
        if said.strip() and said not in found:
            findings.note(0, "header", f"the column {shown(said)!r} was not understood and is left out")
    return found


def _column(said: str, *, is_exact: bool) -> str:
    plain = " ".join(words_in(_ASIDE.sub(" ", said[:80])))
    if is_exact or len(plain) < 4:
        return _BY_NAME.get(plain, "")
    near = difflib.get_close_matches(plain, _BY_NAME, 1, LIKENESS_MIN)
    return _BY_NAME[near[0]] if near else ""


def _rows(records: Sequence[tuple[int, Mapping[str, str]]], names: Mapping[str, str], findings: Findings) -> list[Row]:
    missing = [column for column in ("title", "price") if column not in names.values()]
    if missing:
        findings.reject(
            f"no column for the {' and none for the '.join(missing)} was found; name it so in the first row"
        )
        return []
    if "sku" not in names.values():
        findings.note(0, "sku", "there is no column for it; SKUs were made of the titles")
    return [
        Row(number, _fields({column: cells[said].strip() for said, column in names.items()}))
        for number, cells in records
    ]


def _fields(cells: dict[str, str]) -> dict[str, str]:
    read = {
        **cells,
        "sku": sku_in(cells.get("sku") or words_of(cells["title"]).lower()),
        "category": ";".join(part.strip() for part in re.split(r"[>/|;]", words_of(cells.get("category", "")))),
        "status": _status(cells.get("status", "")),
        "lead": _with_unit(cells.get("lead", ""), "d"),
        "work": _with_unit(cells.get("work", ""), "m"),
        **{name: ";".join(re.split(r"\s*[;,|]\s*", words_of(cells[name]))) for name in _LISTS if cells.get(name)},
    }
    # Here an empty cell says nothing: the title may.
    return {name: text for name, text in read.items() if text}


def _status(said: str) -> str:
    plain = said.lower()
    return "removed" if plain in _GONE else "paused" if plain in _HIDDEN else ""


def _with_unit(said: str, unit: str) -> str:
    """A bare number is days of notice, or minutes of work, as trades write them."""
    return f"{said}{unit}" if re.fullmatch(r"\d{1,4}", said, re.ASCII) else said


def _flat(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(texts(value) or [scalar(inner(one, "name")) for one in value])
    if isinstance(value, dict):
        return " ".join(filter(None, (scalar(value.get(name)) for name in ("name", "value", "amount", "currency"))))
    return scalar(value)
