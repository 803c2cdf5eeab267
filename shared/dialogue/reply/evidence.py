"""One clause of a reply weighed: what it tells for what was asked, against it, or besides."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.dialogue.reply.mentions import Known, Mention
from shared.dialogue.reply.model import Asked
from shared.dialogue.reply.signs import Clause
from shared.dialogue.reply.terms import Terms

_INVERTED = frozenset({"is", "are", "do", "does", "should", "would", "was"})
_TAGS = frozenset({"right", "yeah", "correct"})
_STATES = frozenset({"is", "are", "was", "were", "all", "am"})


@dataclass(slots=True)
class Evidence:
    """One clause, weighed.

    is_nod: it agrees, if nothing else is said; is_tag: a courtesy that looks like a question; is_condition: something
    is asked in return; is_either: it asks between two things; is_worse: its terms are not as asked for, and not better.
    """

    clause: Clause
    mentions: list[Mention] = field(default_factory=list)
    terms: Terms = field(default_factory=Terms)
    is_yes: bool = False
    is_nod: bool = False
    is_no: bool = False
    is_question: bool = False
    is_tag: bool = False
    is_condition: bool = False
    is_either: bool = False
    is_worse: bool = False

    @property
    def offers(self) -> list[Mention]:
        """The other things it offers."""
        return [one for one in self.mentions if one.is_offer]

    @property
    def is_within(self) -> bool:
        """Whether it names terms, none of them worse than asked for."""
        return bool(self.terms.spans) and not self.is_worse

    @property
    def is_faint(self) -> bool:
        """Whether all it offers is a word that nobody knows, as in `got a flat`."""
        clause = self.clause
        is_known = any(mention.name.senses for mention in self.offers)
        is_meant = clause.is_after_but or clause.is_question or clause.has("propose", "want", "fits", "instead", "only")
        return not (is_known or is_meant or self.is_worse or self.is_condition)


def is_refusal(clause: Clause, mentions: list[Mention]) -> bool:
    """Whether a clause says what is not to be had or not to be done."""
    lacked = [one for one in mentions if one.role == "lacked"]
    if lacked and all(one.same == "ordered" for one in lacked) and not clause.has("cannot", "standing"):
        return False  # what is replaced may well be gone
    if lacked or clause.has("no", "cannot", "gone", "standing", "lack") or _is_out(clause, mentions):
        return True
    offered = [one for one in mentions if one.role == "offered"]
    if offered and all(one.same == "ordered" for one in offered):
        return True  # `we only have the red`
    if any(one.same == "asked" for one in mentions):
        return False
    is_past = clause.has("already") and not clause.has("yes", "okay", "have", "can", "reminded") and clause.length > 1
    return is_past or clause.has("made")


def weigh(clause: Clause, mentions: list[Mention], terms: Terms, asked: Asked, wanted: Known) -> Evidence:
    """One clause, weighed; wanted: what was asked for."""
    keys = clause.keys
    is_choice = "or" in keys and ((clause.is_question and not wanted.keys.isdisjoint(keys)) or keys[0] in _INVERTED)
    is_check = _is_check(clause, mentions)
    told = [one for one in mentions if not is_choice and not (is_check and one.same == "other")]
    found = Evidence(clause, told, terms, is_worse=is_worse(terms, asked))
    found.is_tag = clause.is_question and len(keys) > 1 and (clause.has("tags") or keys[-1] in _TAGS)
    found.is_condition = _is_condition(clause, terms)
    found.is_either = "or" in keys and not any(one.name.senses and one.same != "both" for one in mentions)
    is_open = (clause.is_question or _wants_nothing_known(clause, mentions)) and not _is_settled(found)
    found.is_question = clause.has("asks") or is_open or is_choice or is_check
    is_never = clause.has("not_before") and terms.ready_at is None  # not before it would have come anyway
    refuses = (is_refusal(clause, mentions) or is_never) and not found.is_tag
    found.is_no = refuses and not (clause.has("hedge") and not clause.has("no", "cannot", "lack", "gone"))
    if not refuses and not (is_open and clause.has("propose", "want")):
        found.is_yes = _is_yes(clause, mentions)
        found.is_nod = clause.has("okay", "fits") or (found.is_within and not clause.is_question)
    return found


def is_worse(terms: Terms, asked: Asked) -> bool:
    """Whether terms are dearer, later or fewer than was asked for, or at least so many."""
    if terms.price_change is not None and terms.price_change.minor > 0:
        return True
    if terms.price is not None and not _is_within_price(terms, asked):
        return True
    if terms.delay_minutes or (terms.ready_at and not (asked.ready_by and terms.ready_at <= asked.ready_by)):
        return True
    if terms.quantity is None:
        return False
    return terms.quantity > asked.quantity if terms.is_least else terms.quantity < asked.quantity


def _is_within_price(terms: Terms, asked: Asked) -> bool:
    price = terms.price
    if price is None or asked.price is None or price.currency != asked.price.currency:
        return False
    return price.minor * (asked.quantity if terms.is_each else 1) <= asked.price.minor


def _is_out(clause: Clause, mentions: list[Mention]) -> bool:
    """Whether `out` ends it and is said of something: `pink is out`, but not `swap those out`."""
    if not clause.ends_with("out"):
        return False
    at = clause.signs[-1].start
    is_state = not _STATES.isdisjoint(clause.sentence.keys[max(at - 2, 0) : at])
    return is_state or any(one.name.end == at for one in mentions)


def _is_check(clause: Clause, mentions: list[Mention]) -> bool:
    """`pink as in hot pink?`, `do they want light pink`: only what was asked for is asked about."""
    is_wanted = clause.has("want")
    is_about = bool(mentions) and all(one.same == "asked" or one.is_shade for one in mentions)
    if not is_about or not (is_wanted or any(one.same == "asked" for one in mentions)):
        return False
    return is_wanted or (clause.is_question and not clause.has("propose", "fits", "okay"))


def _is_settled(found: Evidence) -> bool:
    """Whether a question mark asks for no more than a yes to what is offered, or for nothing."""
    clause = found.clause
    is_greeting = all(sign.name == "polite" for sign in clause.signs) and len(clause.covered) == clause.length
    has_terms = bool(found.terms.spans) and (found.is_worse or clause.has("okay", "fits"))
    return bool(found.offers) or found.is_tag or found.is_condition or has_terms or is_greeting


def _wants_nothing_known(clause: Clause, mentions: list[Mention]) -> bool:
    """Whether it begins like a proposal, but of nothing: `do they want thorns removed`."""
    first = clause.signs[0] if clause.signs else None
    return first is not None and first.name == "want" and first.start == clause.start and not mentions


def _is_condition(clause: Clause, terms: Terms) -> bool:
    """Whether something is asked in return, or it will be dearer, later or fewer by nobody knows how much."""
    is_short = clause.has("short") and any(key[:1].isdigit() for key in clause.keys)
    is_late = clause.has("late") and clause.has("become", "yes", "okay")
    if clause.has("dearer", "half") or is_short or is_late or terms.is_vague:
        return True
    sign = clause.first("condition")
    if sign is None or clause.has("waits", "hedge"):
        return False
    is_if = clause.sentence.keys[sign.start : sign.end] == ["if"]
    return not is_if or (clause.has("yes", "okay") and sign.start > clause.start)


def _is_yes(clause: Clause, mentions: list[Mention]) -> bool:
    has_asked = any(one.role == "offered" and one.same == "asked" for one in mentions)
    is_had = has_asked and clause.has("have", "yes", "okay", "can", "fits", "become", "it_is")
    is_able = not clause.is_question and (clause.ends_with("can") or clause.has("have"))  # `we can`, `we have it`
    return clause.has("yes") or is_had or is_able or clause.ends_with("it_is")
