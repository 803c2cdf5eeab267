"""What the routes of the simulator have in common: who may use them, and that they touch simulated partners alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import azure.durable_functions as df
from pydantic import BaseModel, ValidationError

from shared.discovery.partners import Partner
from shared.errors import INVALID, NOT_FOUND, AppError, FieldError
from shared.logistics.capacity import SetLimit, stock_key
from shared.people.access import Need, Role
from shared.wire import pack
from shared.wiring import Deps

if TYPE_CHECKING:
    from shared.discovery.products import Product

M = TypeVar("M", bound=BaseModel)
STAFF = Need(roles=frozenset({Role.ADMIN}), scopes=frozenset({"simulator:write"}))


async def partner_of(partner_id: str, deps: Deps, field: str | None = None) -> Partner:
    """A simulated partner that is not closed; raises AppError: NOT_FOUND, or INVALID where a field has named it."""
    from shared.simulator.partners import simulated  # noqa: PLC0415  with the first request to the simulator

    await deps.catalog_ready()
    stored = await simulated(deps.store, partner_id)
    if stored is None or stored.value.status == "closed":
        if field:
            raise refused(field, f"There is no simulated partner {partner_id!r}.")
        raise AppError(NOT_FOUND, "There is no such simulated partner.")
    return stored.value


async def tell_stock(client: df.DurableOrchestrationClient, product: Product) -> None:
    """Let orders reckon with the stock that an admin has set, under the time of that change."""
    if product.stock is not None:
        limit = pack(SetLimit(limit=product.stock, at=product.stock_at))
        await client.signal_entity(df.EntityId("capacity", stock_key(product.id)), "set_limit", limit)


def made(model: type[M], given: Mapping[str, Any]) -> M:
    """A model of what was sent; raises AppError naming the field."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise refused(".".join(map(str, first["loc"])), first["msg"]) from None


def refused(field: str, message: str) -> AppError:
    """A field of the body that cannot be; the whole body where none is named."""
    where = f"body.{field}" if field else "body"
    return AppError(INVALID, f"{where}: {message}", [FieldError(where, message)])
