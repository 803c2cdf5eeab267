"""Weather that a standing intent waits for: `sunny`, `not raining`, `above 20 degrees`, `wind under 15 km/h`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from shared.discovery.conditions import Branch, Range, Sky, WeatherLeaf
from shared.discovery.intent import Span
from shared.discovery.intents.reading import Reading

FAHRENHEIT_MIN = 35
"""Bare degrees from here on are Fahrenheit, as they are said in Austin; below they are Celsius."""
KMH_PER = {"mph": 1.609344, "kmh": 1.0, "knot": 1.852, "ms": 3.6}
_DAY = (
    r"(?:day|days|weather|mon|tues?|wednes|wed|thurs?|fri|satur|sat|sun)(?:day)?s?|weekends?|weekdays?"
    r"|mornings?|afternoons?"
    r"|evenings?|nights?|spells?|skies|sky|outside|forecast|in the (?:morning|afternoon|evening)"
)
_NAMED: dict[Sky, str] = {
    "sunny": "sunny sunshine sun shining nice good beautiful",
    "dry": "dry fine rainless",
    "rainy": "rainy wet rain rains raining pouring pours drizzling storms stormy",
    "cloudy": "cloudy overcast grey gray",
    "snowy": "snowy snow snows snowing",
    "windy": "windy breezy",
    "warm": "warm hot mild",
    "cold": "cold chilly freezing cool",
    "clear": "clear cloudless",
}
_SKIES: dict[str, Sky] = {word: sky for sky, words in _NAMED.items() for word in words.split()}
_ADJECTIVE = (
    r"sunny|dry|rainy|wet|cloudy|overcast|snowy|windy|breezy|warm|hot|mild|cold|chilly|freezing|cool|clear|cloudless"
    r"|stormy|nice|fine|good|beautiful"
)
_SKY = re.compile(
    rf"\b(?P<not>(?:not|isn't|no|without|n't|unless it is|unless it's|unless there is|unless there's"
    rf"|unless|stops|stopped|stop|no more) )?"
    rf"(?:too |very |really |really too |so |at least |mostly |actually |any |perfectly )*"
    rf"(?:(?P<day>{_ADJECTIVE})(?=(?:,? (?:and|or|but|or at least|and at least|,) (?:\w+"
    rf" )?(?:{_ADJECTIVE}))*,? (?:on )?(?:{_DAY})\b)"
    rf"|(?<=\bis )(?P<is>{_ADJECTIVE})|(?P<verb>raining|rains|snows|snowing|pouring|pours|drizzling|storms)"
    rf"|(?P<noun>(?:sunshine|sun|rain|snow))(?= (?:is|comes|for|on|all|this|next|in the forecast|out"
    rf"|shines|at|if|then|order|and)\b|[,.]|$))"
)
_STATE = re.compile(
    rf"\b(?:that's|thats|there's|turns out|it's|its|it is|is|it|be|being|weather's|gets|get|stays|stay|turns|looks"
    rf"|look|remains|feels|becomes|will be|forecast is|going to be|weather looks)"
    rf" (?P<not>(?:not|n't|no longer|never) )?(?:too |very |really |so |at least |nice and |mostly |going"
    rf" to be |finally |actually |supposed to be |both )*"
    rf"(?P<is>{_ADJECTIVE})\b(?! (?:{_DAY})\b)"
)
_COORDINATED = re.compile(
    rf"(?:,? ?(?:and|or|but)(?: (?:at least|also|not too))?|,) (?P<not>not )?(?:too |very )?(?P<is>{_ADJECTIVE})\b"
)
_AFTER_DEGREES = re.compile(
    rf"(?:\u00b0|degrees?|fahrenheit|celsius|\d ?[fc]\b)[ a-z]{{0,20}}? (?:and|but|or) (?P<not>not )?"
    rf"(?P<is>{_ADJECTIVE})\b"
)
_PROVIDED = re.compile(
    r"\b(?:as long as|so long as|provid(?:ed|ing)|assuming|given that|on (?:the )?condition|weather permitting)\b"
)
_ASKED = re.compile(
    rf"^\W*(?:if |is it |will it be |it's )?(?:{_ADJECTIVE})\b[^?.!]{{0,60}}\? *"
    rf"(?:then|if so|if yes|book|get|order|send|buy)\b"
)
_DEGREES = re.compile(
    r"\b(?P<how>(?:is |are |it's |it is |be |gets |temperature |temperatures |temp |hits |reaches |stays "
    r"|stay |rises |drops |falls |goes |climbs |dips |has |have |warms |cools |soars |plunges |sinks |up |down |the "
    r"|mercury |thermometer |reads |shows |heat |outside |it |forecast |high |highs |low |lows |of )*"
    r"(?:above|past|beyond|tops|crosses|breaks|surpasses|climbs to|rises to|gets to|warms up to|up to|north of|over"
    r"|at least|more than|hotter than|warmer than|higher than|no less than|no colder than|no cooler than|hits|reaches"
    r"|minimum|exceeds|below|under|beneath|south of|falls to|drops to|dips to|sinks to|cools down to|down to|less than"
    r"|at most|colder than|cooler than|lower than|no more than|no hotter than|no warmer than|between))"
    r" (?P<low>-?\d+(?:\.\d+)?)(?:(?: ?(?:and|to|-) ?)(?P<high>-?\d+(?:\.\d+)?))?"
    r" ?(?P<unit>(?:\u00b0 ?|degrees? |degrees|deg )(?:celsius|centigrade|fahrenheit|c|f)?|celsius"
    r"|centigrade|fahrenheit|c\b|f\b)?(?![a-z\d])(?: outside)?"
)
_WIND = re.compile(
    r"\bwinds?(?: speeds?)?(?: is| are| stays?| drops?| falls?| goes| gusts?| be)* (?P<how>below|under"
    r"|less than|at most|above|over|at least|more than|no more than|lower than|slower than) "
    r"(?P<value>\d+(?:\.\d+)?) ?(?P<unit>mph|miles per hour|km/?h|kmh|kph|kilometers per hour|knots?|kts?|m/s)?"
)
_THERMAL = re.compile(r"hotter|warmer|colder|cooler|temp")
_FREEZING = re.compile(r"\b(?P<how>below|above) freezing\b")
_ABOVE = (
    "above",
    "no less",
    "no colder",
    "no cooler",
    "over",
    "at least",
    "more than",
    "hotter",
    "warmer",
    "higher",
    "hits",
    "reaches",
    "minimum",
    "exceeds",
    "past",
    "beyond",
    "tops",
    "crosses",
    "breaks",
    "surpasses",
    "climbs to",
    "rises to",
    "gets to",
    "up to",
    "north of",
)


@dataclass(frozen=True, slots=True)
class Found:
    """A condition and where the text says it."""

    condition: WeatherLeaf | Branch
    span: Span


def is_awaited(reading: Reading) -> bool:
    """Whether weather is made a condition: `as long as it's dry`, `sunny on Sunday? then …`."""
    return bool(_PROVIDED.search(reading.plain) or _ASKED.search(reading.plain))


def measures(reading: Reading) -> list[Found]:
    """Temperatures and wind with their bounds; claims them, for other readers would take their numbers."""
    found: list[Found] = []
    for match in reading.find(_DEGREES):
        if not match["unit"] and not _THERMAL.search(match["how"]):
            continue
        temperature = _bounds(match["how"], float(match["low"]), match["high"], match["unit"] or "")
        found.append(_leaf(reading, match, WeatherLeaf(temperature_c=temperature, text=match.group())))
    for match in reading.find(_WIND):
        unit = (match["unit"] or "mph").replace("/", "")
        factor = KMH_PER[
            "kmh" if unit.startswith(("k", "kilom")) and unit not in {"knot", "knots", "kt", "kts"} else "mph"
        ]
        factor = KMH_PER["knot"] if unit.startswith(("knot", "kt")) else KMH_PER["ms"] if unit == "ms" else factor
        bound = round(float(match["value"]) * factor, 1)
        wind = Range(min=bound) if match["how"].startswith(_ABOVE) else Range(max=bound)
        found.append(_leaf(reading, match, WeatherLeaf(wind_kmh=wind, text=match.group())))
    for match in reading.find(_FREEZING):
        frost = Range(min=0) if match["how"] == "above" else Range(max=0)
        found.append(_leaf(reading, match, WeatherLeaf(temperature_c=frost, text=match.group())))
    return found


def skies(reading: Reading) -> list[Found]:
    """Sunny, dry, raining …; claims nothing, for a calendar reads `next sunny Thursday` as one."""
    found: list[Found] = []
    for pattern in (_SKY, _STATE, _AFTER_DEGREES):
        # What stands behind degrees follows words that are claimed already.
        for match in reading.find(pattern) if pattern is not _AFTER_DEGREES else pattern.finditer(reading.plain):
            groups = match.groupdict()
            name = next(word for group in ("day", "is", "verb", "noun") if (word := groups.get(group)))
            start = match.start(next(group for group in ("day", "is", "verb", "noun") if groups.get(group)))
            is_other = name in {"nice", "good", "fine", "beautiful"} and "weather" not in reading.plain
            if is_other or any(a <= start < b for a, b in (one.span for one in found)):
                continue
            found.append(_sky(reading, name, bool(match["not"]), (start, start + len(name))))
            at = start + len(name)
            while more := _COORDINATED.match(reading.plain, at):
                if not any(a <= more.start("is") < b for a, b in (one.span for one in found)):
                    found.append(_sky(reading, more["is"], bool(more["not"]), more.span("is")))
                at = more.end()
    return _distinct(found)


def _distinct(found: list[Found]) -> list[Found]:
    held: dict[Span, Found] = {}
    for one in sorted(found, key=lambda each: each.span):
        held.setdefault(one.span, one)
    return list(held.values())


def _sky(reading: Reading, name: str, is_not: bool, span: Span) -> Found:  # noqa: FBT001 - read off the match
    leaf = WeatherLeaf.model_validate({"is": _SKIES[name], "text": reading.text[slice(*span)]})
    return Found(Branch(op="not", of=(leaf,)) if is_not else leaf, span)


def _leaf(reading: Reading, match: re.Match[str], leaf: WeatherLeaf) -> Found:
    return Found(leaf, reading.claim(*match.span()))


def _bounds(how: str, low: float, high: str | None, unit: str) -> Range:
    fahrenheit = "f" in unit.replace("of", "") or (
        not unit.strip().endswith("c") and "cel" not in unit and "cent" not in unit and low >= FAHRENHEIT_MIN
    )
    first, second = (_celsius(value, is_fahrenheit=fahrenheit) for value in (low, float(high or low)))
    if high is not None:
        return Range(min=first, max=second)
    return Range(min=first) if any(word in how for word in _ABOVE) else Range(max=first)


def _celsius(value: float, *, is_fahrenheit: bool) -> float:
    return round((value - 32) * 5 / 9, 1) if is_fahrenheit else value


def merged(found: list[Found]) -> list[Found]:
    """A sky and its measures that are joined by `and` become one leaf."""
    skies_ = [one for one in found if isinstance(one.condition, WeatherLeaf) and one.condition.is_]
    bounds = [one for one in found if isinstance(one.condition, WeatherLeaf) and not one.condition.is_]
    if len(skies_) != 1 or not bounds:
        return found
    leaf = skies_[0].condition
    assert isinstance(leaf, WeatherLeaf)
    news = {}
    for one in bounds:
        assert isinstance(one.condition, WeatherLeaf)
        news.update({name: value for name in ("temperature_c", "wind_kmh") if (value := getattr(one.condition, name))})
    whole = leaf.model_copy(update=news)
    return [replace(one, condition=whole) if one is skies_[0] else one for one in found if one not in bounds]
