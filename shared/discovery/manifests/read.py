"""A manifest, whatever its shape, to products and a report; nothing that a file can hold makes it fail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.discovery.manifests import acp, experience, legacy, own_csv, shopify, ucp, woocommerce
from shared.discovery.manifests.documents import Json, is_json, objects_of
from shared.discovery.manifests.products import Defaults, Making, product_of, sku_of
from shared.discovery.manifests.rows import BYTES_MAX, Findings, Problem, Report, Row, shown
from shared.discovery.manifests.tables import Table, table_of, text_of
from shared.discovery.manifests.words import Lexicon
from shared.discovery.partners import Partner
from shared.discovery.products import Product
from shared.discovery.taxonomy import Taxonomy

Shape = Literal["own", "ucp", "acp", "shopify", "woocommerce", "legacy", "experience"]
__all__ = ("MEDIA_TYPES", "Defaults", "Manifest", "Shape", "json_shape", "read_manifest", "table_shape")
MEDIA_TYPES = ("text/csv", "application/json", "application/x-ndjson", "text/tab-separated-values", "text/plain")


@dataclass(frozen=True)
class Manifest:
    """What was read.

    named: every SKU that the file names, those of refused rows too. is_whole: whether every row could be told by its
    SKU, so that what is not named may be taken as gone.
    """

    products: tuple[Product, ...]
    report: Report
    named: frozenset[str]
    is_whole: bool


def read_manifest(
    data: bytes,
    media_type: str,
    shape: Shape | None,
    partner: Partner,
    *,
    defaults: Defaults,
    taxonomy: Taxonomy,
    at: datetime,
) -> Manifest:
    """Products of a partner's file, with a report of what was refused, and why; at: their time of change.

    shape None: found out by what the file holds; media_type: one of MEDIA_TYPES, with or without parameters.
    """
    findings = Findings()
    rows = _rows(data, media_type, shape, findings)
    if defaults.category and defaults.category not in taxonomy.categories:
        findings.note(0, "category", f"the usual one, {shown(defaults.category)!r}, is none we know and was left out")
    making = Making(partner, defaults, taxonomy, Lexicon(taxonomy), at, findings)
    first_rows: dict[str, int] = {}
    products: list[Product] = []
    is_whole = findings.is_whole and findings.refused == 0
    for row in rows:
        sku = sku_of(row)
        is_whole = is_whole and bool(sku)
        if sku in first_rows:
            why = f"stands in row {first_rows[sku]} already; give each offer a SKU of its own"
            findings.refuse([Problem(row=row.number, field="sku", message=why, value=sku)])
            continue
        if sku:
            first_rows[sku] = row.number
        product = product_of(row, making)
        if product:
            products.append(product)
    report = Report(
        accepted=len(products),
        refused=findings.refused,
        problems=tuple(findings.problems),
        notes=findings.notes,
    )
    return Manifest(tuple(products), report, frozenset(first_rows), is_whole)


def _rows(data: bytes, media_type: str, shape: Shape | None, findings: Findings) -> list[Row]:
    kind = media_type.partition(";")[0].strip().lower()
    if kind not in MEDIA_TYPES:
        findings.reject(f"its type is not taken; send CSV or JSON ({', '.join(MEDIA_TYPES[:3])})")
    elif len(data) > BYTES_MAX:
        findings.reject(f"it has {len(data)} bytes; {BYTES_MAX} is the most, send it in parts")
    else:
        text = text_of(data, findings)
        rows = _of_json(text, shape, findings) if is_json(text) else _of_table(text, shape, findings)
        if not rows and findings.is_whole and not findings.refused:
            findings.reject("it holds no offers")
        # What is rejected as a whole gives nothing, so that no half of it is taken for all.
        return rows if findings.is_whole else []
    return []


def _of_table(text: str, shape: Shape | None, findings: Findings) -> list[Row]:
    if shape in {"ucp", "acp", "experience"}:
        findings.reject(f"the shape {shape} is JSON, and this is none")
        return []
    table = table_of(text, findings)
    if not findings.is_whole:
        return []
    readers = {"own": own_csv.rows, "shopify": shopify.rows, "woocommerce": woocommerce.rows}
    return readers.get(shape or table_shape(table), legacy.rows_of_table)(table, findings)


def table_shape(table: Table) -> Shape:
    """The shape of a table, by its header."""
    if own_csv.fits(table.header):
        return "own"
    if shopify.fits(table.header):
        return "shopify"
    return "woocommerce" if woocommerce.fits(table.header) else "legacy"


def _of_json(text: str, shape: Shape | None, findings: Findings) -> list[Row]:
    objects = objects_of(text, findings)
    if not objects:
        return []
    found = shape or json_shape(objects)
    if found == "ucp":
        return ucp.rows(objects[0][1], findings)
    if found == "acp":
        return acp.rows(objects, findings)
    if found == "experience":
        return experience.rows(objects, findings)
    if found == "legacy":
        return legacy.rows_of_objects(legacy.listed(objects), findings)
    findings.reject(f"the shape {found} is CSV, and this is JSON")
    return []


def json_shape(objects: list[tuple[int, Json]]) -> Shape:
    """The shape of a document or of lines of them, by the fields they have."""
    if experience.fits(objects):
        return "experience"
    if ucp.fits(objects[0][1]):
        return "ucp"
    return "acp" if acp.fits(objects) else "legacy"
