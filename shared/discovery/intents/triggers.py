"""Stock and prices that a standing intent waits for: `back in stock`, `at least 5`, `drops below $50`, `20% off`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.discovery.conditions import InventoryLeaf, PriceLeaf
from shared.discovery.intent import Span
from shared.discovery.intents.money import DEFAULT_CURRENCY, MoneyReader
from shared.discovery.intents.reading import Reading
from shared.discovery.intents.sentence import Sentence
from shared.money.amounts import Money
from shared.money.currencies import MINOR_DIGITS

ANY_DROP_PERCENT = 1
"""`On sale` is any drop that is worth a percent."""
HALF_PERCENT = 50
_WAITS = re.compile(
    r"\b(?:when(?:ever)?|if|once|as soon as|until|till|unless|notify|alert|tell me|let (?:me|us) know"
    r"|ping|text me|message me|email me"
    r"|remind|watch|wait|the (?:moment|minute|second|day)|should|only|keep an eye|wake me|monitor|in case"
    r"|be told|call me|automatically|the first time|(?:every|each) time)\b"
)
_STOCK = re.compile(
    r"\b(?:(?:is|are|comes?|gets?|come|back|become|becomes|it's|they're) )?(?:back in stock|back in|in"
    r" stock again|in stock|in season(?: again)?|available again|re-?stock(?:ed|s)?"
    r"|(?:is|are|becomes?|gets?|comes?|come|go|goes|it's|they're) (?:available|on the market|obtainable"
    r"|for sale|back)(?: again)?|back on the (?:shelf|shelves|menu)|open(?:s)? up|available|comes? in)\b"
)
_MEASURED = re.compile(r" (?:stems?|pieces?|pcs|units?|bottles?|boxes|of them|bunches)\b")
_COUNT = re.compile(
    r"\b(?:you(?:'ve)? (?:have|get|got)|there (?:is|are)|have|stock reaches|inventory (?:reaches|hits|is)"
    r"|in stock|get|reaches|hits) (?:at least|more than|over|minimum|a minimum of) (?P<count>\w+)(?: or more)?\b"
    r"|\b(?:at least|more than|over|minimum of) (?P<other>\d+|\w+)(?= (?:\w+ ){0,3}?(?:are |is |become "
    r"|becomes |remaining )?(?:in stock|available|left|back))"
    r"|\b(?:you(?:'ve)? (?:have|get|got)|there (?:is|are)|have|has|get) (?P<plus>\w+) or more\b"
    r"|\b(?:when|once|if|as soon as|until) "
    r"(?P<first>\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|a dozen|a pair)"
    r"(?= (?:\w+ ){1,4}?(?:open up|opens? up|come up|comes up|come back|become available|are available|free up|are back"
    r"|turn up|pop up|are left|go on sale|are in)\b)"
)
_POLITE = re.compile(r"\b(?:if|where|wherever|subject to|as) $")
"""Before `available` it says no more than please: `a bonsai, juniper if available`."""
_PLAIN = re.compile(r"(?:is |are )?(?:available|in stock|in season|obtainable|for sale)")
_HAVE = re.compile(
    r"\b(?:you(?:'ve)? (?:have|get|got|receive|carry)|they have|there are|someone has|anyone has|a shop"
    r" has|get in)\b(?! (?:time|a moment|a minute|a chance))"
)
_PERCENT = re.compile(
    r"(?P<words>(?:is |are |gets |goes |go |get |falls |drops |drop |fall |reduced |discounted |marked"
    r" down |down |cheaper )*(?:by |at |for )?(?:at least |over |more than |about |around )?)"
    r"(?P<value>\d{1,2})(?:\.\d+)? ?(?:%|percent|per cent|pct)(?: (?:off|discount|cheaper|less|down|lower"
    r"|or more|reduction)| or more off)?"
)
_HALF = re.compile(r"\b(?:is |goes |at |for )?half (?:price|off)\b")
_SALE = re.compile(
    r"\b(?:ever )?(?:go(?:es)?|come(?:s)?|is|are|gets?|it's|they're|be)?(?: put)? ?on (?:sale|special"
    r"|offer|discount|clearance)\b|\b(?:price drops?|price falls?|gets? cheaper|become(?:s)? cheaper"
    r"|(?:is|are|gets?|it's|they're) (?:discounted|reduced|marked down|cut)|price goes down"
    r"|go(?:es)? down in price|cheaper|drop(?:s)? in price)\b"
)
_AT = re.compile(
    r"\b(?:(?:it|they|one|price|prices|cost) (?:is|are|gets?|hits?|reach(?:es)?|costs?)|it's|they're"
    r"|hits?|reach(?:es)?|costs?)"
    r" (?=(?:only |just |about )?(?:[$\u20ac\u00a3]|(?:usd|eur|gbp) )?\d)"
)
_OR_LESS = re.compile(r" (?:or|and) (?:less|under|below|lower|cheaper)\b")
_BELOW = re.compile(
    r"\b(?:(?:price |prices |cost |costs |it |they |it's |they're |that's |one |that |ever |sit |sits |go "
    r"|goes |gets |get |falls |fall |drops "
    r"|drop |dips |dip |comes |come |is |are |can be had |sells? )+)"
    r"(?:down )?(?:below|under|beneath|less than|to|for less than|for under|at most|cheaper than|lower"
    r" than)(?: or below)?|(?<=\bor )(?:under|below|for less than)"
)


_WAITS_FOR = re.compile(r"\b(?:when(?:ever)?|if|once|as soon as|the (?:moment|minute|second|day))\b")


@dataclass(frozen=True, slots=True)
class Trigger:
    """A condition whose item is not known yet, and where the text says it."""

    leaf: InventoryLeaf | PriceLeaf
    span: Span


def is_waiting(reading: Reading) -> bool:
    """Whether the sentence waits for something at all: `when`, `as soon as`, `let me know` …"""
    return bool(_WAITS.search(reading.plain))


def prices(sentence: Sentence, money: MoneyReader) -> list[Trigger]:
    """Price conditions; claims them before the budget is read."""
    reading = sentence.reading
    if not is_waiting(reading):
        return []
    found = [_below(sentence, match, money) for match in reading.find(_BELOW)]
    if _WAITS_FOR.search(reading.plain):
        found += [_below(sentence, match, money, is_signed=True) for match in reading.find(_AT)]
    found += [_drop(reading, one.span(), int(one["value"])) for one in reading.find(_PERCENT) if int(one["value"])]
    for pattern, percent in ((_HALF, HALF_PERCENT), (_SALE, ANY_DROP_PERCENT)):
        found.extend(_drop(reading, match.span(), percent) for match in list(reading.find(pattern)))
    sentence.sync()
    return [one for one in found if one]


def stocks(sentence: Sentence) -> list[Trigger]:
    """Stock conditions; claims the words but not the item's."""
    reading = sentence.reading
    if not is_waiting(reading):
        return []
    found: list[Trigger] = []
    for match in list(reading.find(_COUNT)):
        count = _count(sentence, match)
        if count:
            found.append(_stock(reading, match.span(), count))
            if (measure := _MEASURED.match(reading.plain, match.end())) and reading.is_free(*measure.span()):
                reading.claim(measure.start() + 1, measure.end())
    for match in list(reading.find(_STOCK)):
        if found:
            reading.claim(*match.span())
        elif not (_POLITE.search(reading.plain, 0, match.start()) and _PLAIN.fullmatch(match.group())):
            found.append(_stock(reading, match.span(), 1))
    if not found and re.search(
        r"\b(?:let|tell|notify|alert|ping|message|text|email|remind)\b.{0,12}\b(?:when|once|as soon)\b", reading.plain
    ):
        found.extend(_stock(reading, match.span(), 1) for match in list(reading.find(_HAVE))[:1])
    sentence.sync()
    return found


def _count(sentence: Sentence, match: re.Match[str]) -> int | None:
    group = next(name for name in ("count", "other", "plus", "first") if match[name])
    start = match.start(group)
    index = next((at for at, token in enumerate(sentence.tokens) if token.start >= start), sentence.length)
    number = sentence.number(index)
    return int(number[0]) if number and number[0] >= 1 else None


def _stock(reading: Reading, span: Span, count: int) -> Trigger:
    return Trigger(
        InventoryLeaf(item="", at_least=count, text=reading.text[slice(*span)].strip()), reading.claim(*span)
    )


def _drop(reading: Reading, span: Span, percent: int) -> Trigger:
    return Trigger(
        PriceLeaf(item="", drop_percent=percent, text=reading.text[slice(*span)].strip()), reading.claim(*span)
    )


def _below(
    sentence: Sentence, match: re.Match[str], money: MoneyReader, *, is_signed: bool = False
) -> Trigger | None:
    index = next((at for at, token in enumerate(sentence.tokens) if token.start >= match.end()), sentence.length)
    sentence.sync()
    amount = money.amount(sentence, index)
    if not amount or (is_signed and not amount.currency):
        return None
    code = amount.currency or DEFAULT_CURRENCY
    below = Money(minor=round(amount.value * 10 ** MINOR_DIGITS[code]), currency=code)
    last = sentence.tokens[amount.end - 1].end
    more = _OR_LESS.match(sentence.reading.plain, last)
    span = (match.start(), more.end() if more else last)
    is_enough = bool(more) or is_signed or match.group().endswith((" to", "at most", "or below"))
    text = sentence.reading.text[slice(*span)].strip()
    leaf = PriceLeaf(item="", below=below, at_most=is_enough, text=text)
    sentence.reading.claim(*span)
    return Trigger(leaf, span)
