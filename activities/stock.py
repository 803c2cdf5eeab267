"""What customers see of a stock after a sale; how much there really is, the capacity entity knows."""

from __future__ import annotations

import azure.durable_functions as df

from activities import Client, activity
from shared.flows import QUICK, Call
from shared.wire import Plain
from shared.wiring import Deps

blueprint = df.Blueprint()


class StockLeft(Plain):
    """How much of a product can still be had."""

    product: str
    left: int


@activity(blueprint, retry=QUICK)
async def show_stock(deps: Deps, stock: StockLeft, call: Call, client: Client) -> None:
    """Show in the catalog what is left, and tell who waits for it; one that is gone meanwhile is no fault."""
    from shared.catalog import keep  # noqa: PLC0415  with the first sale, not with the app
    from shared.errors import AppError  # noqa: PLC0415
    from shared.pushing import product_changed  # noqa: PLC0415

    partner, _, sku = stock.product.partition(".")
    try:
        await keep.set_stock(deps.store, partner, sku, stock.left, call.at)
    except AppError:
        return
    await product_changed(deps.store, client, stock.product, call.key)
