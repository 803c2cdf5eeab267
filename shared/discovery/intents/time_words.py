"""The words of clock and calendar, and the words that only look like them."""

from __future__ import annotations

from shared.discovery.intents.numbers_words import ONES, TENS

WEEKDAY_NAMES = {
    **{name: index for index, name in enumerate(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    )},
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip
ABBREVIATED_DAYS = frozenset(name for name in WEEKDAY_NAMES if not name.endswith("day"))
PLURAL_DAYS = {f"{name}s": index for name, index in WEEKDAY_NAMES.items() if name.endswith("day")}
RULE_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""RFC 5545, section 3.3.10."""

_MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
MONTHS = {
    **{name: index for index, name in enumerate(_MONTH_NAMES, 1)},
    **{name[:3]: index for index, name in enumerate(_MONTH_NAMES, 1)},
    "sept": 9,
}  # fmt: skip
NAMES_TOO = frozenset(
    {"april", "may", "june", "august", "march", "mar", "jan", "jun", "jul", "apr", "dec", "oct", "aug"}
)
"""Months that are also people's names, verbs or other words: alone they mean the month only behind `in`, `by` …"""
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""By their first month, as meteorologists count them."""

ORDINAL_WORDS = {
    word: number
    for number, word in enumerate(
        (
            "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
            "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
            "twentieth",
        ),
        1,
    )
} | {"thirtieth": 30}  # fmt: skip
ORDINAL_TENS = {"twenty": 20, "thirty": 30}

UNITS = {
    "minute": "minute", "minutes": "minute", "min": "minute", "mins": "minute", "mn": "minute",
    "hour": "hour", "hours": "hour", "hr": "hour", "hrs": "hour", "h": "hour",
    "day": "day", "days": "day", "night": "day", "nights": "day",
    "week": "week", "weeks": "week", "wks": "week", "fortnight": "fortnight", "fortnights": "fortnight",
    "month": "month", "months": "month", "mth": "month", "mths": "month", "year": "year", "years": "year",
    "yr": "year", "yrs": "year", "quarter": "quarter", "quarters": "quarter",
}  # fmt: skip
WEATHER = frozenset({
    "sunny", "dry", "rainy", "wet", "cloudy", "snowy", "windy", "warm", "cold", "clear", "hot", "cool", "mild", "nice",
    "fair", "calm", "bright", "rainless", "cloudless", "chilly", "freezing", "stormy", "foggy", "overcast", "pleasant",
})  # fmt: skip
CHANGE_VERBS = frozenset({
    "move", "change", "reschedule", "postpone", "push", "shift", "switch", "bump", "delay", "swap", "rebook", "moved",
    "changed", "rescheduled", "postponed", "pushed", "shifted", "switched", "update", "moving", "changing",
})  # fmt: skip
CONDITIONS = frozenset({"when", "if", "once", "whenever", "unless", "provided", "assuming"})
FORECAST = WEATHER | {
    "sun", "rain", "rains", "raining", "snow", "snows", "snowing", "forecast", "weather", "wind", "degrees", "above",
    "below", "temperature", "shines", "shining", "shine", "storm", "cloud", "clouds", "warmer", "colder", "hotter",
    "cooler",
}  # fmt: skip
PAST_VERBS = frozenset(
    {
        "ordered",
        "bought",
        "placed",
        "purchased",
        "paid",
        "arrived",
        "received",
        "came",
        "got",
        "broke",
        "died",
        "called",
        "spoke",
        "shipped",
    }
)

FOLLOWERS = frozenset({
    "a", "an", "the", "and", "or", "but", "so", "then", "than", "that", "which", "who", "if", "when", "because",
    "since", "as", "of", "at", "in", "on", "by", "for", "from", "to", "into", "with", "without", "via", "near",
    "until", "till", "before", "after", "around", "about", "between", "please", "pls", "thanks", "thank", "thx",
    "cheers", "i", "im", "ill", "id", "we", "were", "well", "you", "your", "youre", "he", "she", "they", "it",
    "its", "my", "our", "his", "her", "their", "this", "these", "those", "is", "are", "was", "be", "been", "will",
    "would", "can", "could", "should", "shall", "may", "might", "must", "need", "needs", "needed", "want", "wants",
    "do", "does", "did", "have", "has", "had", "not", "no", "only", "also", "too", "just", "maybe", "perhaps",
    "preferably", "ideally", "latest", "earliest", "sharp", "exactly", "ish", "either", "both", "max", "maximum",
    "tops", "delivered", "delivery", "deliver", "arriving", "arrive", "arrives", "ready", "pickup", "pick", "send",
    "sent", "somewhere", "something", "anything", "some", "any", "each", "every", "everyone", "instead", "again",
    "ok", "okay", "hi", "hey", "hello", "asap", "under", "over", "below", "up", "per", "all", "am", "pm", "time",
    "onwards", "onward", "here", "there", "where", "what", "how", "make", "add", "get", "give", "let", "lets",
    "plus", "sorry", "&", "+", "including", "downtown", "thru", "through", "local", "est", "edt", "et", "cst",
    "cdt", "ct", "mst", "mdt", "mt", "pst", "pdt", "pt", "utc", "gmt", "bst", "eastern", "central", "mountain",
    "pacific", "starting", "inside", "someone", "somebody",
})  # fmt: skip
"""Words of closed classes, which may stand behind a time without being what it describes."""

TIME_WORDS = frozenset(
    [*WEEKDAY_NAMES, *PLURAL_DAYS, *MONTHS, "today", "tomorrow", "tonight", "morning", "afternoon", "evening", "night",
     "noon", "midday", "midnight", "lunchtime", "week", "weekend", "next", "early", "late", "half", "quarter"]
)  # fmt: skip

STARTERS = frozenset([
    *WEEKDAY_NAMES, *PLURAL_DAYS, *MONTHS, *ORDINAL_WORDS, *ORDINAL_TENS, *ONES, *TENS, "a", "an", "the", "dozen",
    "couple", "few", "several", "half", "quarter", "today", "todays", "tomorrow", "tomorrows", "yesterday",
    "yesterdays", "tonight", "day", "week", "weekend", "month", "night", "noon", "noonish", "midday", "midnight",
    "high", "midweek", "overnight", "weekday", "eom", "cob", "eod", "eob", "eow", "eoy", "close", "end", "business",
    "quitting", "start", "middle", "top", "early", "late", "later", "mid", "months", "year", "years", "weeks",
    "this", "next", "last", "past", "coming", "upcoming", "following", "same", "every", "each", "daily", "everyday",
    "weekly", "monthly", "yearly", "annually", "fortnightly", "hourly", "quarterly", "biweekly", "bi", "bimonthly",
    "nightly", "weekdays", "weekends", "weeknights", "once", "twice", "thrice", "first", "second", "final", "any",
    "beginning", "hour", "alternate", "alternating",
])  # fmt: skip
"""Words with which a moment, a recurrence or a length can begin."""

IDIOMS = (
    "24/7", "midnight blue", "midnight black", "midnight snack", "midnight green", "evening gown", "evening gowns",
    "evening dress", "evening dresses", "evening wear", "evening bag", "evening clutch", "evening primrose",
    "evening shoes", "morning glory", "morning glories", "morning coat", "morning suit", "morning sickness",
    "morning star", "sunday roast", "sunday roasts", "sunday best", "sunday school", "sunday times", "monday blues",
    "monday night football", "spring roll", "spring rolls", "spring onion", "spring onions", "fall in love",
    "fell in love", "march band", "marching band", "sat down", "may i", "may we", "may be", "may have", "may you",
    "second one", "second hand", "first one", "third one", "wait a minute", "give me a minute", "just a minute",
    "take a minute", "have a minute", "got a minute", "hold on a minute", "a minute ago", "last minute",
    "up to the minute", "some day", "other day", "big day", "day spa", "spa day", "spa days", "day pass",
    "day trip", "day dress", "day cream", "night cream", "night light", "night lights", "night gown", "night out",
    "nights out", "date night", "date nights", "movie night", "game night", "girls night", "ladies night",
    "quiz night", "poker night", "opening night", "wedding night", "all night", "good morning", "good afternoon",
    "good evening", "good night", "happy friday", "happy monday", "happy sunday", "happy saturday", "happy hour",
    "afternoon tea", "afternoon teas", "casual friday", "taco tuesday", "ruby tuesday", "wednesday addams",
    "friday the 13th", "man friday", "sun hat", "sun hats", "sun dress", "sun dresses", "sun screen", "sun cream",
    "sun glasses", "sun flower", "sun flowers", "sun lounger", "sun room", "sat nav", "sun protection",
    "sun catcher", "sun tan", "sun valley", "weekly planner", "weekly planners", "daily planner", "daily planners",
    "monthly planner", "daily use", "daily wear", "daily special", "daily specials", "daily driver", "daily life",
    "daily basis", "weekend bag", "weekend bags", "weekend getaway", "weekend trip", "weekend break", "day bag",
    "overnight bag", "every time", "each time", "get well soon", "well soon", "how soon", "too soon",
    "sooner or later", "see you soon", "first class", "first aid", "first time", "first name", "last name",
    "last time", "next time", "next door", "next to", "second thought", "second floor", "third floor",
    "first floor", "second helping", "summer dress", "summer dresses", "fall colors", "fall colours", "fall apart",
    "spring water", "spring colors", "winter coat", "saturday night fever", "saturday night live",
    "friday night lights", "for good", "present day", "modern day", "day old", "four seasons", "7 eleven",
    "forget me not", "june bug", "may flower", "april fool", "august moon", "march of", "a good time", "long time",
    "part time", "full time", "day to day", "night stand", "christmas eve eve", "dead of night", "starry night",
    "silent night", "night sky", "night owl", "hot minute", "new york minute", "every one", "morning after pill",
    "morning dew", "morning person", "eleventh hour", "rush hour", "hour glass", "good day", "nice day",
    "great day", "lovely day", "have a nice weekend", "nice weekend", "great weekend", "good weekend",
    "lovely weekend", "nice evening", "great evening", "lovely evening", "snow day", "field day", "rainy day fund",
    "dog days", "salad days", "day job", "sunday funday", "sunday paper", "spring break", "spring cleaning",
    "free fall", "water fall", "nice morning", "what a day", "make my day", "made my day", "make her day",
    "make his day", "second to none", "day in and day out", "days of old", "spring bouquet", "spring bouquets",
    "spring flowers", "spring mix", "fall bouquet", "summer bouquet", "winter bouquet", "fall flowers",
    "summer flowers", "winter flowers", "fall wreath", "summer vibes", "mon cheri",
)  # fmt: skip
"""Phrases in which a word of time tells none."""
