"""A product export of Shopify: a row for each variant or further image, rows of one product sharing their Handle.

Source: https://help.shopify.com/en/manual/products/import-export/using-csv. What concerns the product as a whole stands
in its first row.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.discovery.manifests.rows import Findings, Row
from shared.discovery.manifests.tables import Table
from shared.discovery.manifests.variants import SAYS_NOTHING, sku_in

# Newer templates call some columns otherwise.
_NEWER = {
    "url handle": "handle", "description": "body (html)", "sku": "variant sku", "price": "variant price",
    "inventory quantity": "variant inventory qty", "product image url": "image src",
    "published on online store": "published", "product category": "type",
}  # fmt: skip
_SHARED = (
    "title",
    "body (html)",
    "type",
    "tags",
    "published",
    "status",
    "option1 name",
    "option2 name",
    "option3 name",
)


def fits(header: tuple[str, ...]) -> bool:
    """Whether a table is in this shape."""
    names = _names(header)
    return "handle" in names and "variant price" in names


def rows(table: Table, findings: Findings) -> list[Row]:
    """A row for every variant; rows with nothing but an image are counted as images."""
    names = _names(table.header)
    if "handle" not in names or "variant price" not in names:
        findings.reject("it is no Shopify export: the columns Handle and Variant Price are missing")
        return []
    found: list[Row] = []
    first: Mapping[str, str] = {}
    pictures = False
    for row in table.rows([name or None for name in names]):
        cells = {name: text.strip() for name, text in row.fields.items()}
        if cells["handle"] != first.get("handle") or cells.get("title"):
            first = cells
        pictures = pictures or bool(cells.get("image src"))
        if cells.get("variant price") or cells.get("variant sku") or cells.get("title"):
            shared = {name: first.get(name, "") for name in _SHARED}
            found.append(Row(row.number, _fields({**cells, **shared})))
    if pictures:
        findings.note(0, "images", "image addresses are not fetched; upload the pictures themselves")
    return found


def _names(header: tuple[str, ...]) -> list[str]:
    plain = [name.strip().lower() for name in header]
    return [
        _NEWER.get(name, name) if _NEWER.get(name, name) not in plain or name not in _NEWER else "" for name in plain
    ]


def _fields(cells: Mapping[str, str]) -> dict[str, str]:
    chosen = [
        (cells.get(f"option{number} name", ""), cells.get(f"option{number} value", ""))
        for number in (1, 2, 3)
        if cells.get(f"option{number} value", "").lower() not in SAYS_NOTHING
    ]
    label = " / ".join(value for _, value in chosen)
    is_hidden = cells["published"].lower() == "false" or cells["status"].lower() in {"draft", "archived"}
    fields = {
        "sku": sku_in(cells.get("variant sku") or "-".join([cells["handle"], *(value for _, value in chosen)])),
        "title": f"{cells['title']} – {label}" if label and cells["title"] else cells["title"],  # noqa: RUF001
        "description": cells["body (html)"],
        "category": ";".join(part.strip() for part in cells["type"].split(">")),
        "price": cells.get("variant price", ""),
        "net": cells.get("cost per item", ""),
        "stock": _stock(cells),
        "tags": ";".join(tag.strip() for tag in cells["tags"].split(",")),
        "options": ";".join(f"{name}: {value}" for name, value in chosen),
        "status": "paused" if is_hidden else "",
    }
    return {name: text for name, text in fields.items() if text}


def _stock(cells: Mapping[str, str]) -> str:
    """Nothing is counted where the shop goes on selling what it has not, or does not track what it has."""
    return (
        ""
        if cells.get("variant inventory policy", "").lower() == "continue"
        else cells.get("variant inventory qty", "")
    )
