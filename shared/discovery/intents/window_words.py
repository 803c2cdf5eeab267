"""The words around times: what relates them to a wish, what takes them back, and what only looks like a time."""

from __future__ import annotations

from typing import Literal

from shared.discovery.intents.time_tokens import Phrases

Relation = Literal["on", "by", "before", "after", "from", "between", "set", "not"]

RELATIONS: Phrases[Relation] = Phrases({
    **dict.fromkeys((
        "by", "no later than", "not later than", "no later then", "at the latest by", "latest by", "latest", "until",
        "till",
        "til", "up until", "on or before", "at or before", "by or before", "due by", "due on", "due", "in time for",
        "deadline is", "deadline of", "deadline", "not after", "through", "up to", "at the latest on", "latest on",
    ), "by"),
    **dict.fromkeys(("before", "prior to", "ahead of", "sooner than", "earlier than", "any time before"), "before"),
    **dict.fromkeys((
        "after", "any day after", "later than", "any time after", "anytime after", "sometime after",
    ), "after"),
    **dict.fromkeys((
        "from", "starting", "starting from", "starting on", "starting at", "beginning", "beginning on", "as of",
        "not before", "no earlier than", "not earlier than", "no sooner than", "not until", "not till", "on or after",
        "earliest", "but not before", "commencing", "any time from", "anytime from",
    ), "from"),
    **dict.fromkeys((
        "on", "for", "at", "@", "in", "during", "over", "around", "about", "approximately", "~", "come", "any time",
        "anytime", "sometime", "some time", "throughout", "circa",
    ), "on"),
    **dict.fromkeys(("between", "anytime between", "any time between", "sometime between"), "between"),
    **dict.fromkeys(("to", "make it", "make that", "onto"), "set"),
    **dict.fromkeys((
        "instead of", "rather than", "not on", "not", "not for", "but not", "except", "except on", "anything but",
        "any day but", "any day except",
        "other than", "apart from", "not at", "but not on",
    ), "not"),
})  # fmt: skip
BEHIND: Phrases[Relation] = Phrases({
    **dict.fromkeys((
        "at the latest", "at latest", "latest", "the latest", "or earlier", "or sooner", "or before",
        "at the very latest",
    ), "by"),
    **dict.fromkeys((
        "onwards", "onward", "and after", "or later", "at the earliest", "earliest", "and later", "or after", "on out",
    ), "from"),
    "instead": "set",
})  # fmt: skip
HASTE = Phrases(dict.fromkeys((
    "asap", "as soon as possible", "as soon as you can", "as soon as u can", "as fast as possible",
    "as fast as you can",
    "as quickly as possible", "as quick as possible", "urgently", "urgent", "right now", "right away", "immediately",
    "straight away", "straightaway", "this instant", "this minute", "in a hurry", "in a rush", "at once",
    "right this minute",
    "right this second", "pronto", "soon as possible", "earliest possible", "soonest possible", "it now", "them now",
    "now please",
), 0.85))  # fmt: skip
VAGUE = Phrases(dict.fromkeys((
    "soon", "sometime soon", "some time soon", "sometime", "some time", "at some point", "one of these days",
    "eventually", "in the near future", "someday", "shortly", "before long", "no rush", "no hurry", "pretty soon",
    "in a while", "later on", "whenever you can",
), 0.5))  # fmt: skip
AGAIN = Phrases(dict.fromkeys((
    "no just", "no only", "no wait", "actually", "scratch that", "i mean", "i meant", "no sorry", "sorry i mean",
    "or rather",
    "no make it", "no actually", "correction", "wait no",
), True))  # fmt: skip
"""With these people take back what they said before."""
WITHIN = Phrases(dict.fromkeys((
    "within", "within the next", "in the next", "over the next", "during the next", "in the coming", "within about",
    "next",
    "inside", "inside of", "in under", "in less than", "in no more than", "in at most", "under", "in max", "the next",
    "over the coming", "within at most", "in maximum", "in the following", "less than",
), True))  # fmt: skip
INSIDE = frozenset({"within", "in", "over", "inside", "during"})
NEEDS_MANY = frozenset({"next", "the next", "under", "less than"})
LENGTH = frozenset(
    {"for", "lasting", "about", "around", "approximately", "approx", "roughly", "of", "lasts", "takes", "~"}
)
NOT_A_LENGTH = frozenset({
    "before", "after", "early", "late", "later", "away", "drive", "notice", "ago", "from", "prior", "ahead", "old",
    "lead",
    "walk", "earlier", "sooner", "back", "in", "apart", "advance", "turnaround", "window", "off", "behind",
})  # fmt: skip
RUSH = frozenset({"delivery", "shipping", "courier", "turnaround", "dispatch", "express", "rush"})
ONGOING = Phrases(dict.fromkeys((
    "ongoing", "on going", "indefinitely", "until further notice", "till further notice", "until i say stop",
    "until i say otherwise", "until i tell you", "until i cancel", "till i cancel", "until cancelled", "until canceled",
    "recurring", "repeating", "on repeat", "regularly", "as a standing order", "standing order", "on an ongoing basis",
    "on a regular basis", "permanently", "year round", "all year", "all year round", "every week", "each week",
    "automatically", "subscription", "subscribe", "repeat weekly",
), True))  # fmt: skip
"""With these the weekdays that are named come again."""
BESIDE = Phrases({
    **dict.fromkeys(("the day before", "the night before", "the evening before", "a day before", "one day before",
        "the day prior", "a day earlier", "one day earlier", "a day ahead", "the previous day",
        "a day in advance"), -1),
    **dict.fromkeys(("two days before", "2 days before", "two days earlier", "2 days earlier", "two days prior",
        "2 days prior"), -2),
    **dict.fromkeys(("the week before", "a week before", "a week earlier", "one week before", "a week prior"), -7),
    **dict.fromkeys(("the day after", "a day later", "one day later", "the next day", "the following day"), 1),
})  # fmt: skip
BUSY = frozenset({
    "work", "busy", "away", "meetings", "meeting", "asleep", "school", "class", "unavailable", "booked", "out",
})  # fmt: skip
"""Behind these it is said when somebody cannot be met: `I'm at work till 4`."""
MILESTONES = frozenset({"turn", "turns", "turning", "graduates", "graduating", "retires", "retiring", "married"})
"""With these `this year` tells what is celebrated and not when something is needed."""
FITTING = frozenset({"size", "sizes", "sized", "resize", "resizing", "resized"})
MODALS = frozenset({"should", "will", "is", "would", "ought", "might", "can"})
ENOUGH = frozenset({"do", "be", "suffice", "enough", "plenty", "fine", "perfect", "ideal", "great", "ok", "okay"})
BUT = frozenset({"except", "excluding", "not"})
NOW = frozenset({"now", "right", "today"})
TO = frozenset({"to", "until", "till", "til", "-", "through", "thru", "and"})
ON_WORDS = frozenset({"on", "at", "around", "about", "approximately", "~", "like", "say", "@", "sometime"})
APPOINTMENTS = frozenset({
    "dinner", "lunch", "brunch", "breakfast", "supper", "drinks", "reservation", "pickup", "appointment", "booking",
    "time",
    "slot", "delivery", "meeting",
})  # fmt: skip
"""With these `around 7` and `to 8` are times and no counts."""
