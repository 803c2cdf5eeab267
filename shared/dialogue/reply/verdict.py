"""The verdict over all clauses of a reply: the kind, how sure, and which clauses decided it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.dialogue.reply.evidence import Evidence
from shared.dialogue.reply.mentions import Mention
from shared.dialogue.reply.model import ReplyKind

SURE_YES, SURE_NO, SURE_COUNTER, SURE_QUESTION = 0.97, 0.97, 0.93, 0.92
NOD, MIXED, SOFT, GUESS, OPEN = 0.88, 0.82, 0.7, 0.6, 0.4
"""A nod alone; signs that go both ways; less than is needed to act; a bare sorry; nothing that decides."""
BUSY = 0.08
"""So much less sure where they also waver."""
UNREAD_MAX = 2
"""So many words of weight that were not understood make a verdict unsure."""
Found = Sequence[Evidence]
Some = tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The kind, how sure, and the clauses that decided it."""

    kind: ReplyKind
    confidence: float
    because: Some = ()
    is_pending: bool = False

    @property
    def named(self) -> Mention | None:
        """The other thing that is offered, or at least named where no terms decided."""
        offered = next((mention for one in self.because for mention in one.offers), None)
        if offered or any(one.is_worse or one.is_condition for one in self.because):
            return offered
        said = (mention for one in self.because for mention in one.mentions if mention.role == "said")
        return next((mention for mention in said if mention.same == "other"), None)


def verdict(found: Found) -> Verdict:
    """What all clauses together say."""
    signs = {sign.name for one in found for sign in one.clause.signs}
    refusals = tuple(one for one in found if one.is_no)
    counters = tuple(one for one in found if one.offers or one.is_worse or one.is_condition)
    if refusals and all(one.is_faint for one in counters):
        counters = ()
    if "mockery" in signs and not counters:
        return Verdict("no", SOFT, refusals) if _is_plain_no(refusals) else Verdict("unclear", OPEN)
    if counters and not _is_taken_back(found, counters):
        return Verdict("counter", _counter_sure(counters, signs), counters)
    if "rhetoric" in signs:
        return Verdict("no", MIXED, refusals) if refusals else Verdict("unclear", OPEN)
    questions = tuple(one for at, one in enumerate(found) if one.is_question and not _is_echo(found, at))
    if questions and all(one.is_question or not one.is_no for one in found):
        return Verdict("question", SURE_QUESTION, questions)
    if "waits" in signs and not _is_decided(found):
        return Verdict("unclear", OPEN, is_pending=True)
    return _refused(found, refusals) if refusals else _agreed(found, signs)


def checked(decided: Verdict, found: Found, unread: int) -> Verdict:
    """The verdict, less sure where much of the reply was not understood and no plain word begins it."""
    first = found[0].clause.signs if found else []
    is_plain = bool(first) and first[0].name in {"yes", "no"}
    most = UNREAD_MAX if decided.kind == "yes" else UNREAD_MAX + 1
    if is_plain or unread < most or decided.confidence <= SOFT:
        return decided
    return replace(decided, confidence=SOFT)


def _agreeing(found: Found) -> tuple[Some, Some]:
    """The clauses that say yes, and those that nod."""
    meant = [one for one in found if not one.is_tag]
    return tuple(one for one in meant if one.is_yes), tuple(one for one in meant if one.is_nod)


def _agreed(found: Found, signs: set[str]) -> Verdict:
    """Where nothing refuses."""
    yeses, nods = _agreeing(found)
    if "hedge" in signs:
        is_firm = any(not one.clause.has("hedge") for one in yeses)
        return Verdict("yes", SOFT, yeses) if is_firm else Verdict("unclear", OPEN, is_pending="waits" in signs)
    rest = tuple(one for one in found if one.clause.is_after_but and not (one.is_yes or one.is_nod))
    if (yeses or nods) and rest:  # `yes, but` and nothing that is known
        return Verdict("counter", SOFT, rest)
    if yeses:
        return Verdict("yes", SURE_YES, yeses)
    if nods:
        return _nodded(found, nods)
    return _named(found, signs)


def _nodded(found: Found, nods: Some) -> Verdict:
    others = (one for one in found if any(mention.same == "other" for mention in one.mentions))
    stray = tuple(one for one in others if not one.clause.has("okay", "fits"))
    if stray:  # `Deep Purple Metallic, in stock`, `orange gerberas for $45`
        return Verdict("counter", MIXED, stray)
    if any(one.clause.has("informed") for one in found):
        return Verdict("yes", SOFT, nods)
    is_plain = any(one.clause.has("okay", "fits") for one in nods) and not any(one.mentions for one in found)
    return Verdict("yes", NOD if is_plain else MIXED, nods)


def _named(found: Found, signs: set[str]) -> Verdict:
    """Where nothing agrees either."""
    if signs <= {"short"} and any(one.is_either for one in found):
        return Verdict("question", SOFT, tuple(found))
    others = tuple(one for one in found if any(mention.same == "other" for mention in one.mentions))
    if others and not signs:  # a thing is named and no more is said
        return Verdict("counter", SOFT, others)
    if "sorry" in signs:
        return Verdict("no", GUESS, tuple(one for one in found if one.clause.has("sorry")))
    return Verdict("unclear", OPEN)


def _refused(found: Found, refusals: Some) -> Verdict:
    """A refusal stands, unless it is taken back behind it: `no no, of course we can`."""
    yeses, nods = _agreeing(found)
    if yeses and all(map(_is_of_another, refusals)):  # `yes, but no foil`
        return Verdict("counter", SOFT, refusals)
    last = max(found.index(one) for one in refusals)
    later = [one for one in (*yeses, *nods) if found.index(one) > last]
    if not later:
        is_torn = any(one.clause.has("yes", "okay") for one in refusals)
        is_mixed = bool(yeses) and not any(one.clause.is_after_but for one in refusals)
        return Verdict("no", SOFT if is_torn else MIXED if is_mixed else SURE_NO, refusals)
    if all(one.is_yes for one in later) and all(map(_is_bare, refusals)):
        return Verdict("yes", MIXED, tuple(later))
    if any(one.is_yes and one.clause.is_after_but for one in later):
        return Verdict("yes", SOFT, tuple(later))
    return Verdict("no", SOFT, refusals)


def _is_bare(refusal: Evidence) -> bool:
    return not refusal.mentions and {sign.name for sign in refusal.clause.signs} <= {"no", "polite", "sorry"}


def _is_of_another(refusal: Evidence) -> bool:
    """Whether what it lacks is neither what was asked for nor what was ordered."""
    is_hard = refusal.clause.has("cannot", "standing", "already") or not refusal.mentions
    return not is_hard and all(mention.same == "other" for mention in refusal.mentions)


def _is_plain_no(refusals: Some) -> bool:
    return any(one.clause.has("no", "cannot", "gone") or one.mentions for one in refusals)


def _is_decided(found: Found) -> bool:
    """Whether something firm is said beside `one sec`: a no, or a yes behind it."""
    last = max(at for at, one in enumerate(found) if one.clause.has("waits"))
    is_no = any(one.is_no and not one.clause.has("waits") for one in found)
    return is_no or any(one.is_yes for one in found[last + 1 :])


def _is_taken_back(found: Found, counters: Some) -> bool:
    """`I'd offer white, but no`: a refusal after a turn, behind all that was offered."""
    last = max(found.index(one) for one in counters)
    return any(one.is_no and one.clause.is_after_but and not one.offers for one in found[last + 1 :])


def _is_echo(found: Found, at: int) -> bool:
    """`pink? sure`: what was asked, repeated before it is answered."""
    one = found[at]
    is_repeated = bool(one.mentions) and all(mention.same in {"asked", "both"} for mention in one.mentions)
    is_answered = any(later.is_yes or later.is_nod for later in found[at + 1 : at + 2])
    return is_repeated and is_answered and not one.clause.signs


def _counter_sure(counters: Some, signs: set[str]) -> float:
    is_certain = any(
        one.is_worse or one.is_condition or any(mention.is_certain for mention in one.offers) for one in counters
    )
    wavers = not signs.isdisjoint({"waits", "hedge"})
    return round((SURE_COUNTER if is_certain else MIXED) - BUSY * wavers, 2)
