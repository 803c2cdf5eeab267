"""What must not stand in a log is masked by its shape; what may stands as it was; no text takes long."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.masking import TEXT_LENGTH_MAX, masked

EMAILS = [
    "ann@example.com", "ann.o'neil+flowers@mail.example.co.uk", "a_b-c@x-y.io", "jörg@bücher.example",
    "ann%40example.com", "ann%2Bx%40example.com", "x" * 64 + "@example.com",
]  # fmt: skip
PHONES = [
    "+15125550123", "+1 512 555 0123", "+1 (512) 555-0123", "+44 20 7946 0958", "+49-30-901820", "(512) 555-0123",
    "512-555-0123", "512.555.0123", "512 555 0123", "15125550123", "020 7946 0958", "0512 5550 123",
    "%2B15125550123", "+1%20(512)%20555-0123", "+1+512+555+0123",
]  # fmt: skip
CARDS = [
    "4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242", "378282246310005", "3782 822463 10005",
    "6011111111111117", "4222222222222", "5555555555554444",
]  # fmt: skip
JWT = "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJhbm4iLCJhdWQiOiJhcHAifQ.c2lnbmF0dXJlLW9mLWFubg"
SECRETS = [
    JWT,
    JWT.rpartition(".")[0],
    "Bearer abcdefghijklmnop",
    "bearer  Zm9v.YmFy-_~+/==",
    "Basic YW5uOnNlY3JldC13b3Jk",
    "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
    "sk_live_51H8x",
    "rk_live_abcdefgh",
    "whsec_dGhpcyBpcyBzZWNyZXQ",
    "sk-proj-abcdEFGH1234",
    "AC0123456789abcdef0123456789abcdef",
    "SK0123456789abcdef0123456789abcdef",
    "pi_3MtwBwLkdIwHu7ix28a3tqPa_secret_YrKJUKribcBjcG8HVhfZluoGH",
    "https://api.example/v1/forecast?latitude=1&apikey=q8F2pL",
    "https://acc.blob.example/x?sv=2024&sig=Zm9vYmFy%3D",
    "AccountEndpoint=https://x;AccountKey=dGhpcyBpcyBhIGtleQ+/==;",
    '{"password": "correct horse"}',
    "client_secret=s3cr3tvalue",
    "amqp://user:s3cr3tpass@host/x",
    "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==",
    "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA",
]
# What of each secret must not be left.
GIVEAWAYS = (
    "eyJ", "abcdefghijklmnop", "Zm9v", "YW5u", "4eC39", "51H8x", "abcdefgh", "dGhp", "abcdEFGH", "0123456789", "YrKJ",
    "q8F2", "correct", "s3cr3t", "C2y6", "MIG", "MIIE",
)  # fmt: skip
AROUND = [
    "{}", "to {} now", "<{}>", "'{}'", "x={}", "to:{}", "({})", "whatsapp:{}", "a, {}; b", "{}.", "\t{}\n", "[{}]",
]  # fmt: skip


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("kind", ["email", "phone", "card"])
def test_what_is_personal_is_masked_wherever_it_stands(around: str, kind: str) -> None:
    for value in {"email": EMAILS, "phone": PHONES, "card": CARDS}[kind]:
        said = masked(around.format(value))
        assert value not in said
        assert "[" in said
        assert sum(one.isdigit() for one in said) == 0, said


@pytest.mark.parametrize("around", AROUND[:6])
@pytest.mark.parametrize("secret", SECRETS)
def test_secrets_are_masked(around: str, secret: str) -> None:
    said = masked(around.format(secret))
    assert not [one for one in GIVEAWAYS if one in said], said


@pytest.mark.parametrize(
    "text",
    [
        "request 2f1a4c5d9e8b4f7a9c1d2e3f4a5b6c7d failed at POST /api/v1/orders",
        "order 3f2a0c9d1e2b4f5a6c7d8e9f at 2026-11-23T16:00:00.123456+00:00",
        "3f2a0c9d1e2b4f5a6c7d8e9f:0:move_money:1 of @capacity@rosie-and-thorn.ROSE-12:2026-11-23",
        "city: 67 partners, 924 offers, 991 written",
        "Open-Meteo answered 503.",
        "token: the token has expired",
        "the Authorization header is not `Bearer TOKEN`",
        "held 55.00 USD of pi_3MtwBwLkdIwHu7ix28a3tqPa in 12.125 ms, 5500 left",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "http://127.0.0.1:7071/api/v1/orders?limit=50",
        "",
    ],
)
def test_what_is_neither_stands_as_it_was(text: str) -> None:
    assert masked(text) == text


def test_a_number_that_is_long_enough_for_a_telephone_is_taken_for_one() -> None:
    assert masked("at 1763000000123, item 123456789") == "at [number], item 123456789"


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\0", "\x1b[31m", "\u2028", "\x85", "\u202e", "\ud800", "%0d%0a"])
def test_nobody_begins_a_line_of_his_own(sign: str) -> None:
    said = masked(f"no such order x{sign}2026-01-01 admin signed in")
    assert said.isprintable()
    assert len(said.splitlines()) == 1


def test_texts_are_bounded_and_nothing_is_cut_in_two() -> None:
    assert len(masked("x" * 100_000)) == TEXT_LENGTH_MAX
    assert masked("x" * 100_000).endswith("…")
    for before in range(TEXT_LENGTH_MAX - 80, TEXT_LENGTH_MAX + 2):
        said = masked("x" * before + " ann.of.green@example.com 4242424242424242 sk_live_51H8xabc")
        assert not [part for part in ("ann", "4242", "sk_live") if part in said]
    assert masked("abcdef", 4) == "abc…"


@given(st.text(max_size=300), st.sampled_from([*EMAILS, *CARDS, "+15125550123"]), st.text(max_size=300))
@example("4242 4242 ", "4242424242424242", "")
def test_whatever_stands_around_it(before: str, value: str, behind: str) -> None:
    assert value not in masked(f"{before} {value} {behind}")


@given(st.text(max_size=3_000), st.integers(2, 500))
def test_every_text_becomes_one_short_line(text: str, most: int) -> None:
    said = masked(text, most)
    assert len(said) <= most
    assert len(said.splitlines()) <= 1
    said.encode()


@pytest.mark.parametrize(
    "piece",
    [
        "a", "a.", "1", "1 ", "0 ", "+1", "eyJ", "eyJa.", "a@", "a@a.", "(512) ", "://", "://a", "token=", "token",
        "sig", "a_secret_", "_secret_", "Bearer ", "sk_", "=", "/", "A", "'", "\r\n", "-----BEGIN PRIVATE KEY-----",
        "0-", "_", "%", "%4", "%41",
    ],
)  # fmt: skip
def test_no_text_takes_long(piece: str) -> None:
    """Ten times the text takes some ten times as long, not a hundred times."""
    short, long = (min(_seconds(piece, size) for _ in range(5)) for size in (4_000, 40_000))
    assert long / short < 50, f"{short:.5f} s, {long:.5f} s"


def _seconds(piece: str, size: int) -> float:
    text = (piece * size)[:size]
    begun = time.process_time()
    masked(text, size)
    return time.process_time() - begun
