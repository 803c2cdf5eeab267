"""Who brought a customer: the affiliate behind a tracking id, as links carry it. (Spec 2.6.)"""

from __future__ import annotations

from collections.abc import Iterable

from shared.discovery.partners import Partner
from shared.money.accounts import account
from shared.money.commission import Referral


def referral_of(tracking_id: str, partners: Iterable[Partner]) -> Referral | None:
    """What an affiliate earns; None where nobody who is active has this id and a rate."""
    for partner in partners:
        if tracking_id and partner.tracking_id == tracking_id:
            if partner.status != "active" or partner.commission is None:
                return None
            return Referral(account=account("affiliate", partner.id), rate=partner.commission)
    return None
