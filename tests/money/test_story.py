"""One order's escrow from payment to the end, told line by line: held, partly released, partly refunded, verified."""

from datetime import timedelta

from shared.money import commands as ask
from shared.money.accounts import CLEARING
from shared.money.commands import Share
from shared.money.commission import Cpe, Referral, break_down
from shared.money.escrow import apply
from shared.money.ledger import Ledger, Transfer
from shared.money.legs import open_escrow
from shared.money.trail import verify
from tests.money.walks import NOON, usd


def tell():
    """Red flowers ($50.00) and a courier ($12.00): paid, scanned, swapped for pink ($55.00), half delivered."""
    state = open_escrow("O7", "C1", "USD")
    entries, lines = [], []
    ledger = Ledger([Transfer(
        id="charge", kind="posted", debit=CLEARING, credit="customer:C1", amount=usd(6200), at=NOON
    )])  # fmt: skip
    referral = Referral(account="affiliate:A", rate=Cpe(basis_points=400))
    pink = break_down(usd(5500), "vendor:B", 1000, referral)
    courier = (Share(account="worker:W", amount=usd(1000)), Share(account="platform:fees", amount=usd(200)))
    story = [
        ("authorised", ask.Authorise, {"leg": "red", "amount": usd(5000)}),
        ("captured", ask.Capture, {"leg": "red"}),
        ("courier held", ask.Hold, {"leg": "courier", "amount": usd(1200)}),
        ("scanned at the shop", ask.PayOut, {"leg": "courier", "to": "worker:W", "amount": usd(400)}),
        ("pink instead of red", ask.Reuse, {"leg": "red", "new_leg": "pink", "price": usd(5500)}),
        ("half of them wilted", ask.Dispute, {"leg": "pink"}),
        ("courier released", ask.Release, {"leg": "courier", "shares": courier}),
        ("decided", ask.Resolve, {"leg": "pink", "refund": usd(2000), "shares": pink.shares}),
        ("asked once more", ask.Refund, {"leg": "pink"}),
    ]
    for number, (words, command, more) in enumerate(story):
        state, outcome = apply(state, command(id=f"c{number}", at=NOON + timedelta(hours=number), **more))
        entries.extend(outcome.entries)
        for transfer in outcome.transfers:
            ledger.apply(transfer)
        what = outcome.refusal.reason if outcome.refusal else f"{state.held} held"
        lines.append(f"{words}: {what}")
    assert sum(money.minor for money in ledger.balances("USD").values()) == 0
    lines.extend(f"{name} {money}" for name, money in ledger.balances("USD").items() if money.minor)
    lines.append(f"{len(entries)} entries, {verify(entries, state.head) or 'verified'}")
    return lines


def test_the_story_of_an_order():
    assert tell() == [
        "authorised: $0.00 held",
        "captured: $50.00 held",
        "courier held: $62.00 held",
        "scanned at the shop: $58.00 held",
        "pink instead of red: $63.00 held",
        "half of them wilted: $63.00 held",
        "courier released: $55.00 held",
        "decided: $0.00 held",
        "asked once more: Leg pink is resolved_partly: refund is not possible now",
        "affiliate:A $1.40",
        "customer:C1 $15.00",
        "platform:fees $5.50",
        "provider:clearing -$62.00",
        "vendor:B $30.10",
        "worker:W $10.00",
        "12 entries, verified",
    ]
