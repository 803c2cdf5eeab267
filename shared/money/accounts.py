"""Names of accounts: a kind and its ids, as text with colons between them.

Which transfers there are (debit → credit):

| What happens                                   | Debit               | Credit              |
|------------------------------------------------|---------------------|---------------------|
| the customer's card is charged                 | provider:clearing   | customer:ID         |
| a leg is held                                  | customer:ID         | escrow:ORDER:LEG    |
| a leg is released, or a worker paid from it    | escrow:ORDER:LEG    | vendor:ID and so on |
| a leg is refunded                              | escrow:ORDER:LEG    | customer:ID         |
| the refund reaches the customer's card         | customer:ID         | provider:clearing   |
| a payee is paid out to a bank account          | vendor:ID and so on | provider:clearing   |
| the provider takes such a payment back         | provider:clearing   | vendor:ID and so on |
| a payee gives back what a leg had brought it   | vendor:ID and so on | escrow:ORDER:LEG    |
| a credit is given as an apology                | platform:goodwill   | customer:ID         |

A balance is credits less debits. So what the platform owes somebody is above zero, what lies at the payment provider
is below, and all of them together are zero.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple
from urllib.parse import quote, unquote

from pydantic import AfterValidator

ID_LENGTH_MAX = 128

_IDS = {"customer": 1, "escrow": 2, "vendor": 1, "hub": 1, "worker": 1, "affiliate": 1, "platform": 1, "provider": 1}
_FIXED = {"platform": ("fees", "goodwill"), "provider": ("clearing",)}

WORKERS = frozenset({"worker", "hub"})
"""Kinds that may be paid from a leg while it is still held."""
PAYEES = WORKERS | {"vendor", "affiliate", "platform"}
"""Kinds that a leg may be released to."""
OUTSIDE = PAYEES - {"platform"}
"""Kinds that are paid out to an account at the payment provider."""


class BadAccount(ValueError):
    """A text that names no account."""


class Account(NamedTuple):
    """An account's name taken apart; str() puts it together again, with percent signs where an id needs them."""

    kind: str
    ids: tuple[str, ...]

    def __str__(self) -> str:
        return ":".join((self.kind, *(quote(one, safe="") for one in self.ids)))


def parse(text: str) -> Account:
    """The parts of an account's name; raises BadAccount with the reason."""
    kind, *quoted = text.split(":")
    if kind not in _IDS:
        raise BadAccount(f"Account {text!r} starts with none of: {', '.join(_IDS)}")
    if len(quoted) != _IDS[kind]:
        raise BadAccount(f"Account {text!r} must have {_IDS[kind]} id(s) after `{kind}:`")
    account = Account(kind, tuple(unquote(one) for one in quoted))
    if not all(1 <= len(one) <= ID_LENGTH_MAX for one in account.ids):
        raise BadAccount(f"Account {text!r} has an id that is empty or longer than {ID_LENGTH_MAX} characters")
    if kind in _FIXED and account.ids[0] not in _FIXED[kind]:
        raise BadAccount(f"Account {text!r}: after `{kind}:` comes one of: {', '.join(_FIXED[kind])}")
    if str(account) != text:
        raise BadAccount(f"Account {text!r} must be written {str(account)!r}")
    return account


def account(kind: str, *ids: str) -> str:
    """The name of an account, such as `escrow:O1:L2`; raises BadAccount."""
    return str(parse(str(Account(kind, ids))))


def _checked(text: str) -> str:
    return str(parse(text))


AccountName = Annotated[str, AfterValidator(_checked)]

PLATFORM_FEES = "platform:fees"
GOODWILL = "platform:goodwill"
CLEARING = "provider:clearing"
