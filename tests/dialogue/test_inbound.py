"""What a message of somebody's answers, and which event that is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dialogue.events import (
    Answered,
    event_of,
    instance_of,
    leg_payload,
    negotiation_payload,
    negotiation_thread,
)
from shared.dialogue.inbound import Inbound, Match, chosen, matched, open_match
from shared.dialogue.messages import OutboundMessage, Reply
from shared.wire import pack, unpack

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PHONE, OTHER = "+15125550123", "+15125550199"


def asked(
    name: str, number: int | None = 1, to: str = PHONE, channel: Any = "whatsapp", **fields: Any
) -> OutboundMessage:
    replies = tuple(
        Reply(label=label, payload=negotiation_payload(name, number, label.lower())) for label in ("Accept", "Decline")
    ) if number else ()  # fmt: skip
    base = {"id": f"{name}.{number}", "channel": channel, "to": to, "text": "Pink?", "thread": negotiation_thread(name)}
    if channel == "email":
        base["subject"] = "x"
    return OutboundMessage(**{**base, "round": number, "replies": replies, **fields})


def said(text: str = "", **fields: Any) -> Inbound:
    return Inbound(**{"channel": "whatsapp", "sender": PHONE, "provider_id": "SM1", "text": text, "at": NOW, **fields})


def test_a_message_that_names_what_it_answers() -> None:
    older, newer = asked("n1"), asked("n2")
    match = matched(said("yes", in_reply_to="SM0"), older, [newer, older])
    assert match == Match(how="answer", answers="n1.1", thread="neg:n1", round=1)


def test_a_button_is_that_of_its_message() -> None:
    payload = negotiation_payload("n1", 1, "accept")
    match = matched(said("Accept", payload=payload), None, [asked("n2"), asked("n1", 2), asked("n1", 1)])
    assert match == Match(how="button", answers="n1.1", thread="neg:n1", round=1, payload=payload)


@pytest.mark.parametrize(
    "made_up", [negotiation_payload("n3", 1, "accept"), negotiation_payload("n1", 9, "accept"), "leg:o1:leg-1:accept"]
)
def test_a_button_that_the_sender_was_never_given_counts_for_nothing(made_up: str) -> None:
    """Programs may send any payload, and somebody else's is one of them."""
    sent = [asked("n1")]
    assert matched(said("x", payload=made_up), None, sent) is None
    answer = matched(said("x", payload=made_up, in_reply_to="SM0"), sent[0], sent)
    assert answer is not None
    assert answer.payload is None


def test_nobody_answers_what_another_was_asked() -> None:
    theirs = asked("n1", to=OTHER)
    assert matched(said("yes", in_reply_to="SM0"), theirs, []) is None
    assert matched(said("yes", in_reply_to="SM0", channel="sms"), asked("n1"), []) is None


def test_a_mail_may_be_answered_from_another_address_but_not_guessed_at() -> None:
    mail = asked("n1", to="orders@rosie.example", channel="email")
    from_elsewhere = said("yes", channel="email", sender="ana@rosie.example", is_proven=False, in_reply_to="key")
    answer = matched(from_elsewhere, mail, [])
    assert answer is not None
    assert answer.how == "answer"
    unproven = said("yes", channel="email", sender="orders@rosie.example", is_proven=False, payload="neg:n1:1:accept")
    assert matched(unproven, None, [mail]) is None
    assert open_match(unproven, [mail], "neg:n1") == Match(how="none")


def test_the_thread_that_a_program_names() -> None:
    sent = [asked("n2"), asked("n1", None), asked("n1", 3)]
    match = matched(said("yes", thread="neg:n1"), None, sent)
    assert match is not None
    assert (match.thread, match.round) == ("neg:n1", 3)
    assert matched(said("yes", thread="neg:n3"), None, sent) is None


def test_typed_words_go_to_the_newest_question_of_the_open_thread() -> None:
    sent = [asked("n3", None), asked("n2", None), asked("n2", 4), asked("n2", 3), asked("n1", 1)]
    assert open_match(said("I have purple"), sent, "neg:n2") == Match(
        how="open", answers="n2.4", thread="neg:n2", round=4
    )
    assert open_match(said("thanks"), sent, None) == Match(how="last", thread="neg:n3")
    assert open_match(said("hello"), [], None) == Match(how="none")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("1", "Accept"), ("2", "Decline"), (" accept! ", "Accept"), ("DECLINE.", "Decline"), ("3", None), ("", None),
        ("accept, but in purple", None), ("12", None), ("yes", None), ("Accept\n\n> Pink?", "Accept"),
    ],
)  # fmt: skip
def test_a_typed_choice_is_the_label_or_its_number_and_nothing_else(text: str, label: str | None) -> None:
    reply = chosen(said(text), asked("n1").replies)
    assert (reply.label if reply else None) == label


# --- events


def test_an_answer_is_the_event_of_its_round() -> None:
    answer = Answered(kind="reply", inbound="whatsapp:SM1", message="n1.2", payload="neg:o:1:2:accept", round=2)
    event = event_of("neg:o:1", answer)
    assert event is not None
    assert (event.instance, event.name, event.sender_id) == ("o:1", "reply-2", None)
    assert unpack(Answered, pack(event.data)) == answer
    assert answer.choice == "accept"
    assert event_of("neg:o:1", Answered(kind="reply", payload="neg:o:1:3:decline")) == event._replace(
        name="reply-3", data=Answered(kind="reply", payload="neg:o:1:3:decline")
    )
    assert event_of("neg:o:1", Answered(kind="reply")) is None


def test_a_partner_takes_its_leg_by_a_button() -> None:
    payload = leg_payload("ord-1", "leg-12", "accept")
    event = event_of("order:ord-1", Answered(kind="reply", inbound="x", payload=payload))
    assert event is not None
    assert (event.instance, event.name, event.sender_id) == ("ord-1", "reply_leg_bc-1", "reply:leg-12")
    assert event.data == {"leg": "leg-12", "decision": "accept", "note": ""}


@pytest.mark.parametrize(
    "payload",
    [
        "leg:ord-2:leg-1:accept", "leg:ord-1:leg-x:accept", "leg:ord-1:leg-1:maybe", "leg:ord-1:leg-1", "neg:a:1:b", "",
        None,
    ],
)
def test_what_is_no_answer_about_a_leg_is_for_people(payload: str | None) -> None:
    assert event_of("order:ord-1", Answered(kind="reply", payload=payload)) is None


@given(thread=st.text(max_size=40), payload=st.text(max_size=60), number=st.none() | st.integers(1, 9))
def test_no_thread_and_no_payload_is_too_strange(thread: str, payload: str, number: int | None) -> None:
    event_of(thread, Answered(kind="reply", payload=payload, round=number))
    for kind in ("neg", "order"):
        event_of(f"{kind}:{thread}", Answered(kind="reply", payload=payload, round=number))
        event_of(f"{kind}:{thread}", Answered(kind="reply", payload=f"leg:{thread}:{payload}", round=number))


def test_flows_behind_threads() -> None:
    threads = {"neg:o:1": "o:1", "order:x": "x", "neg:": None, "support:x": None, "x": None}
    assert {thread: instance_of(thread) for thread in threads} == threads
