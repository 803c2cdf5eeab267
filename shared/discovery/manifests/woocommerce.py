"""A product export of WooCommerce: simple products, and variations that follow their `variable` parent.

Source: https://github.com/woocommerce/woocommerce/wiki/Product-CSV-Import-Schema.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.discovery.manifests.rows import Findings, Row
from shared.discovery.manifests.tables import Table
from shared.discovery.manifests.variants import sku_in

_INHERITED = ("name", "short description", "description", "categories", "tags", "published")
_UNSOLD = {"variable", "grouped"}


def fits(header: tuple[str, ...]) -> bool:
    """Whether a table is in this shape."""
    names = {name.strip().lower() for name in header}
    return names.issuperset({"name", "regular price"}) and not names.isdisjoint({"type", "in stock?", "published"})


def rows(table: Table, findings: Findings) -> list[Row]:
    """A row for everything that is sold; parents of variations lend them what they do not say."""
    names = [name.strip().lower() for name in table.header]
    if "name" not in names or "regular price" not in names:
        findings.reject("it is no WooCommerce export: the columns Name and Regular price are missing")
        return []
    parents: dict[str, Mapping[str, str]] = {}
    found: list[Row] = []
    for row in table.rows([name or None for name in names]):
        cells = {name: text.strip() for name, text in row.fields.items()}
        types = {part.strip().lower() for part in cells.get("type", "").split(",")}
        if not _UNSOLD.isdisjoint(types):
            parents.update({key: cells for key in (cells.get("sku", ""), f"id:{cells.get('id', '')}") if key})
            continue
        parent = parents.get(cells.get("parent", ""), {}) if "variation" in types else {}
        full = {**cells, **{name: cells.get(name) or parent.get(name, "") for name in _INHERITED}}
        found.append(Row(row.number, _fields(full)))
    return found


def _fields(cells: Mapping[str, str]) -> dict[str, str]:
    chosen = _attributes(cells)
    # The nearest category of the first path is what it is; the others say where else it is shown.
    path = [part.strip() for part in _split(cells["categories"])[0].split(">")] if cells["categories"] else []
    name = cells["name"]
    missing = [value for _, value in chosen if value.lower() not in name.lower() and "," not in value]
    fields = {
        "sku": sku_in(cells.get("sku") or name.lower()),
        "title": f"{name} – {' / '.join(missing)}" if missing and "variation" in cells.get("type", "") else name,  # noqa: RUF001
        "description": " ".join(filter(None, (cells["short description"], cells["description"]))),
        "category": ";".join(path),
        "price": cells.get("sale price") or cells.get("regular price", ""),
        "stock": _stock(cells),
        "tags": ";".join(_split(cells["tags"])),
        "options": ";".join(f"{kind}: {value}" for kind, text in chosen for value in _split(text)),
        "images": "1" if cells.get("images") else "",
        "status": "paused" if cells["published"] in {"0", "-1"} else "",
    }
    return {name: text for name, text in fields.items() if text}


def _stock(cells: Mapping[str, str]) -> str:
    if cells.get("in stock?", "").lower() in {"0", "no", "outofstock", "false"}:
        return "0"
    counted = cells.get("stock", "")
    return counted if re.fullmatch(r"-?\d+(\.0+)?", counted, re.ASCII) else ""


def _attributes(cells: Mapping[str, str]) -> list[tuple[str, str]]:
    numbers = [match[1] for name in cells if (match := re.fullmatch(r"attribute (\d+) name", name))]
    pairs = [(cells[f"attribute {number} name"], cells.get(f"attribute {number} value(s)", "")) for number in numbers]
    return [(kind, value) for kind, value in pairs if value]


def _split(text: str) -> list[str]:
    """Entries between commas, of which one that is meant is written `\\,`."""
    return [part.replace("\\,", ",").strip() for part in re.split(r"(?<!\\),", text)]
