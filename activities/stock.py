"""What customers see of a stock after a sale; how much there really is, the capacity entity knows."""

from __future__ import annotations

import azure.durable_functions as df

from activities import Client, activity
from shared.flows import PATIENT, Call
from shared.logistics.capacity import Unsold
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()


class StockLeft(Plain):
    """How much of a product can still be had."""

    product: str
    unsold: Unsold


@activity(blueprint, retry=PATIENT)
async def show_stock(deps: Deps, stock: StockLeft, call: Call, client: Client) -> None:
    """Show in the catalog what is left, unless it shows something newer, and tell who waits for it.

    A product that is gone meanwhile is no fault.
    """
    from shared.catalog import keep  # noqa: PLC0415  with the first sale, not with the app
    from shared.errors import AppError  # noqa: PLC0415
    from shared.pushing import product_changed  # noqa: PLC0415

    partner, _, sku = stock.product.partition(".")
    try:
        is_news = await keep.show_unsold(deps.store, partner, sku, stock.unsold, call.at)
    except AppError:
        return
    if is_news:
        await product_changed(deps.store, client, stock.product, call.key)
