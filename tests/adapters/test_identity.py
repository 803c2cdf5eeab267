"""Both issuers of tokens: the app's own, and an OpenID Connect provider that listens on this machine."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from shared.adapters import identity_oidc, identity_own
from shared.adapters.identity_oidc import COOLDOWN_SECONDS, KEYS_FRESH_SECONDS, KEYS_STALE_SECONDS_MAX, RETRY_SECONDS
from shared.adapters.identity_oidc import OidcIdentity as Oidc
from shared.adapters.identity_own import (
    AUDIENCE,
    ISSUER,
    KEY_FILE,
    LEEWAY_SECONDS,
    SUBJECT_CHARS_MAX,
    TOKEN_CHARS_MAX,
    TTL_SECONDS_MAX,
    ClaimNames,
    OwnIdentity,
)
from shared.people.access import ORDER_MAX_MINOR, BadToken, Caller, Limits, Role, scopes_of
from shared.ports import Identity
from shared.records import Unavailable

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
RSA_KEY = rsa.generate_private_key(65537, 2048)
SMALL_RSA_KEY = rsa.generate_private_key(65537, 1024)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_EC_KEY = ec.generate_private_key(ec.SECP256R1())
P384_KEY = ec.generate_private_key(ec.SECP384R1())


class HandClock:
    """A clock moved by hand."""

    def __init__(self, now: datetime = NOON) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def raw(header: dict[str, Any], claims: object, sign: Callable[[bytes], bytes] = lambda _: b"") -> str:
    """A token put together by hand, so that it can be anything."""
    body = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{body}.{b64(sign(body.encode()))}"


def ask(identity: Identity, token: str) -> Caller:
    return asyncio.run(identity.caller_of(token))


def refused(identity: Identity, token: str) -> str:
    with pytest.raises(BadToken) as caught:
        ask(identity, token)
    assert str(caught.value) == caught.value.reason
    return caught.value.reason


def without(claims: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in claims.items() if key != name}


# What is wrong with claims, whoever signed them: change → reason.
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"iss": "https://other.example"}, "issuer"),
    ({"iss": None}, "issuer"),
    ({"aud": "somebody-else"}, "audience"),
    ({"aud": ["somebody-else", "another"]}, "audience"),
    ({"aud": []}, "audience"),
    ({"aud": None}, "audience"),
    ({"aud": {"a": 1}}, "audience"),
    ({"exp": NOON.timestamp() - LEEWAY_SECONDS}, "expired"),
    ({"exp": 0}, "expired"),
    ({"exp": "2099"}, "exp is missing"),
    ({"exp": True}, "exp is missing"),
    ({"exp": None}, "exp is missing"),
    ({"exp": 1e300}, "exp is missing"),
    ({"exp": 10**400}, "exp is missing"),
    ({"exp": float("inf")}, "exp is missing"),
    ({"exp": float("nan")}, "exp is missing"),
    ({"iat": NOON.timestamp() + LEEWAY_SECONDS + 1}, "not valid yet"),
    ({"iat": "now"}, "iat is missing"),
    ({"nbf": NOON.timestamp() + LEEWAY_SECONDS + 1}, "not valid yet"),
    ({"nbf": None}, "nbf is missing"),
    ({"sub": ""}, "sub is missing"),
    ({"sub": "  "}, "sub is missing"),
    ({"sub": 7}, "sub is missing"),
    ({"sub": "a\nb"}, "sub is missing"),
    ({"sub": "x" * (SUBJECT_CHARS_MAX + 1)}, "sub is missing"),
    ({"act": {"sub": "staff"}}, "stands in for another"),
    ({"acting_for": "ann"}, "only an agent"),
    ({"limits": {}}, "only an agent"),
    ({"role": "agent"}, "acting_for is missing"),
    ({"role": "agent", "acting_for": 5}, "acting_for is missing"),
    ({"role": ["agent", "admin"], "acting_for": "ann"}, "no other role"),
    ({"role": "agent", "acting_for": "ann", "limits": 5}, "limits"),
    ({"role": "agent", "acting_for": "ann", "limits": {"order_max": 5}}, "limits"),
    ({"role": "agent", "acting_for": "ann", "limits": {"order_max_minor": -5}}, "limits"),
    ({"role": "agent", "acting_for": "ann", "limits": {"order_max_minor": True}}, "limits"),
    ({"role": "agent", "acting_for": "ann", "limits": {"order_max_minor": "5"}}, "limits"),
]

# What is no token at all.
GARBAGE = [
    "", ".", "..", "...", "a.b.c", "Bearer x", "ä.ö.ü", "\ud800.a.b", "x" * 100, "=.=.=", "\x00", "a.b.c.d.e",
    raw({"alg": "ES256", "kid": 5}, {}),
    raw({"alg": "ES256", "crit": ["exp"], "kid": "k"}, {}),
    f"{b64(b'[' * 3000)}.e30.e30",
    f"{b64(b'[]')}.e30.e30",
    f"{b64(b'nonsense')}.e30.e30",
    f"{b64(bytes(range(256)))}.e30.e30",
]  # fmt: skip


# ---- the app's own issuer


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def own(tmp_path: Path, clock: HandClock) -> OwnIdentity:
    return OwnIdentity(tmp_path / "identity", clock)


def own_claims() -> dict[str, Any]:
    at = int(NOON.timestamp())
    return {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "iat": at, "exp": at + 60, "role": "customer"}


def signed_by_own(own: OwnIdentity, claims: dict[str, Any], **header: Any) -> str:
    """Any claims, signed by the issuer's real key."""
    headers = {"kid": own.jwks()["keys"][0]["kid"], "typ": "at+jwt", **header}
    return jwt.api_jws.encode(json.dumps(claims).encode(), own._key, algorithm="ES256", headers=headers)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AGENT])
def test_a_person_s_token_comes_back_as_that_person(own: OwnIdentity, role: Role) -> None:
    token = own.issue(role, "ann", None, 60, now=NOON)
    assert ask(own, token) == Caller("ann", frozenset({role}))


def test_an_agent_s_token_carries_scopes_customer_and_limits(own: OwnIdentity) -> None:
    token = own.issue(
        Role.AGENT, "bot", ["orders:write", "orders:read"], 60, now=NOON, acting_for="ann", limits=Limits(10, 20)
    )
    scopes = frozenset({"orders:read", "orders:write"})
    assert ask(own, token) == Caller("bot", frozenset({Role.AGENT}), scopes, "ann", Limits(10, 20))


def test_an_agent_without_a_named_customer_acts_for_its_own_subject(own: OwnIdentity) -> None:
    caller = ask(own, own.issue(Role.AGENT, "ann", ["orders:read"], 60, now=NOON))
    assert (caller.acting_for, caller.limits) == ("ann", Limits())


def test_scopes_of_a_person_s_token_narrow(own: OwnIdentity) -> None:
    caller = ask(own, own.issue(Role.CUSTOMER, "ann", ["orders:read", "settings:write"], 60, now=NOON))
    assert scopes_of(caller) == {"orders:read"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ttl_seconds": 0}, "ttl_seconds"),
        ({"ttl_seconds": TTL_SECONDS_MAX + 1}, "ttl_seconds"),
        ({"subject": ""}, "sub is missing"),
        ({"subject": "x" * (SUBJECT_CHARS_MAX + 1)}, "sub is missing"),
        ({"scopes": ["orders:eat"]}, "unknown scopes orders:eat"),
        ({"acting_for": "bob"}, "only an agent"),
        ({"limits": Limits()}, "only an agent"),
        ({"role": Role.AGENT, "acting_for": ""}, "acting_for is missing"),
    ],
)
def test_what_would_not_be_believed_is_not_signed(own: OwnIdentity, change: dict[str, Any], says: str) -> None:
    wanted = {"role": Role.CUSTOMER, "subject": "ann", "scopes": (), "ttl_seconds": 60, "now": NOON, **change}
    with pytest.raises(ValueError, match=says):
        own.issue(**wanted)


def test_a_token_lives_from_its_issue_to_its_end_with_leeway(own: OwnIdentity, clock: HandClock) -> None:
    token = own.issue(Role.CUSTOMER, "ann", (), 60, now=NOON)
    for seconds, valid in [
        (-LEEWAY_SECONDS - 1, False),
        (-LEEWAY_SECONDS, True),
        (0, True),
        (60 + LEEWAY_SECONDS - 1, True),
        (60 + LEEWAY_SECONDS, False),
    ]:
        clock.at = NOON + timedelta(seconds=seconds)
        if valid:
            assert ask(own, token).subject == "ann"
        else:
            assert refused(own, token) in {"the token has expired", "the token is not valid yet"}


@pytest.mark.parametrize(("change", "says"), WRONG, ids=str)
def test_own_tokens_with_wrong_claims(own: OwnIdentity, change: dict[str, Any], says: str) -> None:
    assert ask(own, signed_by_own(own, own_claims())).subject == "ann"
    assert says in refused(own, signed_by_own(own, {**own_claims(), **change}))


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "iat", "exp"])
def test_own_tokens_with_a_claim_missing(own: OwnIdentity, name: str) -> None:
    assert refused(own, signed_by_own(own, without(own_claims(), name)))


@pytest.mark.parametrize("token", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_refused_as_such(own: OwnIdentity, token: str) -> None:
    assert "not a JWT" in refused(own, token) or "not known" in refused(own, token)


@given(st.text(max_size=200))
def test_no_text_is_anything_but_a_bad_token(text: str) -> None:
    with pytest.raises(BadToken):
        identity_own.header_of(text)


def test_a_token_too_long_is_not_even_read(own: OwnIdentity) -> None:
    claims = {**own_claims(), "filler": "x" * TOKEN_CHARS_MAX}
    assert "longer" in refused(own, signed_by_own(own, claims))
    assert "longer" in refused(own, "x" * (TOKEN_CHARS_MAX + 1))


def test_signed_rubbish_is_no_token(own: OwnIdentity) -> None:
    headers = {"kid": own.jwks()["keys"][0]["kid"], "typ": "at+jwt"}
    for payload in (b"[]", b"5", b"not json", b"\xff", b"[" * 3000, b'{"exp": ' + b"9" * 5000 + b"}"):
        token = jwt.api_jws.encode(payload, own._key, algorithm="ES256", headers=headers)
        assert refused(own, token) == "the token is not a JWT"


def test_other_algorithms_keys_and_types_are_refused(own: OwnIdentity) -> None:
    jwk = own.jwks()["keys"][0]
    kid = jwk["kid"]
    pem = own._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def hs256(secret: bytes) -> Callable[[bytes], bytes]:
        return lambda body: hmac.new(secret, body, hashlib.sha256).digest()

    for alg in ("none", "None", "NONE", "", None, ["ES256"]):
        header = {"alg": alg, "kid": kid, "typ": "at+jwt"}
        assert "algorithm" in refused(own, raw(header, own_claims()))
    for secret in (pem, json.dumps(jwk).encode(), b""):
        assert "algorithm" in refused(
            own, raw({"alg": "HS256", "kid": kid, "typ": "at+jwt"}, own_claims(), hs256(secret))
        )
    foreign = jwt.encode(own_claims(), OTHER_EC_KEY, algorithm="ES256", headers={"kid": kid, "typ": "at+jwt"})
    assert refused(own, foreign) == "the signature does not fit"
    good = own.issue(Role.CUSTOMER, "ann", (), 60, now=NOON)
    head, body, signature = good.split(".")
    altered = b64(json.dumps({**own_claims(), "role": "super"}).encode())
    assert refused(own, f"{head}.{altered}.{signature}") == "the signature does not fit"
    assert refused(own, f"{head}.{body}.") == "the signature does not fit"
    assert refused(own, f"{head}.{body}.{b64(bytes(64))}") == "the signature does not fit"
    assert "key" in refused(own, signed_by_own(own, own_claims(), kid="another"))
    assert "type" in refused(own, signed_by_own(own, own_claims(), typ="JWT"))


def test_the_key_outlives_the_process_and_is_the_owner_s_alone(tmp_path: Path, clock: HandClock) -> None:
    first, second = OwnIdentity(tmp_path / "a" / "b", clock), OwnIdentity(tmp_path / "a" / "b", clock)
    stranger = OwnIdentity(tmp_path / "c", clock)
    token = first.issue(Role.CUSTOMER, "ann", (), 60, now=NOON)
    assert ask(second, token).subject == "ann"
    assert "key" in refused(stranger, token)
    file = tmp_path / "a" / "b" / KEY_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == [KEY_FILE]


def test_the_key_set_holds_the_public_half_only(own: OwnIdentity) -> None:
    (jwk,) = own.jwks()["keys"]
    assert set(jwk) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    token = own.issue(Role.CUSTOMER, "ann", (), 60, now=NOON)
    assert jwt.decode(token, jwt.PyJWK(jwk), audience=AUDIENCE, options={"verify_exp": False})["sub"] == "ann"
    assert jwt.get_unverified_header(token)["kid"] == jwk["kid"]


def test_a_key_of_another_kind_stops_the_start(tmp_path: Path, clock: HandClock) -> None:
    from cryptography.hazmat.primitives.serialization import NoEncryption, PrivateFormat

    pem = P384_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / KEY_FILE).write_bytes(pem)
    with pytest.raises(TypeError, match="no P-256 key: delete it"):
        OwnIdentity(tmp_path, clock)


STARTER = """
import sys
from pathlib import Path
from shared.adapters.identity_own import OwnIdentity, header_of
from shared.clock import SystemClock
import jwt, cryptography.hazmat.primitives.asymmetric.ec
print("ready", flush=True)
sys.stdin.readline()
print(OwnIdentity(Path(sys.argv[1]), SystemClock()).jwks()["keys"][0]["kid"], flush=True)
"""


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path, clock: HandClock) -> None:
    command = [sys.executable, "-c", STARTER, str(tmp_path / "identity")]
    starters = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path.cwd())
        for _ in range(4)
    ]
    for starter in starters:
        assert starter.stdout and starter.stdout.readline() == "ready\n"
    for starter in starters:
        assert starter.stdin
        starter.stdin.write("\n")
        starter.stdin.flush()
    kids = {starter.communicate(timeout=60)[0].strip() for starter in starters}
    assert kids == {OwnIdentity(tmp_path / "identity", clock).jwks()["keys"][0]["kid"]}
    assert [entry.name for entry in (tmp_path / "identity").iterdir()] == [KEY_FILE]


def test_a_key_that_lost_the_race_is_thrown_away(tmp_path: Path) -> None:
    file = tmp_path / KEY_FILE
    identity_own.write_new(file, b"first")
    identity_own.write_new(file, b"second")
    assert file.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [file]


def test_the_modules_load_no_library_before_it_is_needed() -> None:
    code = (
        "import sys, shared.adapters.identity_own, shared.adapters.identity_oidc;"
        "print([m for m in ('jwt', 'cryptography', 'aiohttp') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert answer.stdout.strip() == "[]"


# ---- an OpenID Connect provider


class Provider:
    """A provider on this machine: what it answers can be changed at any time, and every request is counted."""

    def __init__(self) -> None:
        self.documents: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.asked: list[str] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                with suppress(ConnectionError):  # whoever asked has gone
                    provider.documents.get(self.path, status(404))(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def publish(self, *entries: dict[str, Any]) -> None:
        self.documents["/jwks"] = body({"keys": list(entries)})

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def held_up(
    arrived: threading.Event, go_on: threading.Event, then: Callable[[BaseHTTPRequestHandler], None]
) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        arrived.set()
        go_on.wait(20)
        then(handler)

    return answer


def body(value: object) -> Callable[[BaseHTTPRequestHandler], None]:
    return sends(json.dumps(value).encode())


def sends(content: bytes, code: int = 200) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def status(code: int, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in {"Content-Length": "0", **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()

    return answer


def jwk_of(key: Any, kid: str, **more: Any) -> dict[str, Any]:
    kind = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {**kind.to_jwk(key.public_key(), as_dict=True), "kid": kid, **more}


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    provider.publish(jwk_of(EC_KEY, "ec", use="sig", alg="ES256"), jwk_of(RSA_KEY, "rsa", use="sig", alg="RS256"))
    yield provider
    provider.close()


def oidc(provider: Provider, clock: HandClock, **more: Any) -> Oidc:
    given_ = {
        "audience": "us",
        "authorized_parties": ["https://app.example"],
        "jwks_url": f"{provider.url}/jwks",
        **more,
    }
    return Oidc(provider.url, clock, **given_)


def claims_of(provider: Provider, **change: Any) -> dict[str, Any]:
    at = int(NOON.timestamp())
    return {
        "iss": provider.url, "aud": "us", "azp": "https://app.example", "sub": "ann", "iat": at, "exp": at + 86_400,
        "role": "customer", **change,
    }  # fmt: skip


def token_of(claims: dict[str, Any], key: Any = EC_KEY, kid: str = "ec", alg: str = "ES256") -> str:
    return jwt.api_jws.encode(json.dumps(claims).encode(), key, algorithm=alg, headers={"kid": kid})


def test_tokens_of_both_algorithms_are_believed(provider: Provider, clock: HandClock) -> None:
    identity = oidc(provider, clock)
    for token in (token_of(claims_of(provider)), token_of(claims_of(provider), RSA_KEY, "rsa", "RS256")):
        assert ask(identity, token) == Caller("ann", frozenset({Role.CUSTOMER}))
    assert provider.asked == ["/jwks"]


@pytest.mark.parametrize(
    ("change", "says"),
    [*WRONG, ({"azp": "https://evil.example"}, "party"), ({"sts": "pending"}, "not complete")],
    ids=str,
)
def test_a_provider_s_tokens_with_wrong_claims(
    provider: Provider, clock: HandClock, change: dict[str, Any], says: str
) -> None:
    assert says in refused(oidc(provider, clock), token_of(claims_of(provider, **change)))


@pytest.mark.parametrize("name", ["iss", "aud", "azp", "sub", "iat", "exp"])
def test_a_provider_s_tokens_with_a_claim_missing(provider: Provider, clock: HandClock, name: str) -> None:
    assert refused(oidc(provider, clock), token_of(without(claims_of(provider), name)))


def test_audience_and_party_can_each_be_left_out_but_not_both(provider: Provider, clock: HandClock) -> None:
    clerk = oidc(provider, clock, audience=None)
    assert ask(clerk, token_of(without(claims_of(provider), "aud"))).subject == "ann"
    assert "party" in refused(clerk, token_of(claims_of(provider, azp="https://evil.example")))
    plain = oidc(provider, clock, authorized_parties=[])
    assert ask(plain, token_of(without(claims_of(provider), "azp"))).subject == "ann"
    assert "audience" in refused(plain, token_of(without(claims_of(provider), "aud")))
    assert ask(plain, token_of(claims_of(provider, aud=["them", "us"]))).subject == "ann"
    with pytest.raises(ValueError, match="OIDC_AUDIENCE and OIDC_AUTHORIZED_PARTIES"):
        Oidc(provider.url, clock)


def test_algorithm_tricks(provider: Provider, clock: HandClock) -> None:
    identity = oidc(provider, clock)
    claims = claims_of(provider)
    rsa_pem = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    ec_pem = EC_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for alg in ("none", "None", "nOnE", "", None):
        assert "algorithm" in refused(identity, raw({"alg": alg, "kid": "ec"}, claims))
    for kid, pem in (("rsa", rsa_pem), ("ec", ec_pem)):
        for alg, digest in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512)):
            forged = raw({"alg": alg, "kid": kid}, claims, lambda text, p=pem, d=digest: hmac.new(p, text, d).digest())
            assert "algorithm" in refused(identity, forged)
    assert "algorithm" in refused(identity, token_of(claims, RSA_KEY, "rsa", "RS512"))
    assert "algorithm" in refused(identity, token_of(claims, RSA_KEY, "rsa", "PS256"))
    assert "algorithm" in refused(identity, token_of(claims, RSA_KEY, "ec", "RS256"))
    assert "algorithm" in refused(identity, token_of(claims, EC_KEY, "rsa", "ES256"))
    assert "signature" in refused(identity, token_of(claims, OTHER_EC_KEY))
    assert "names no key" in refused(identity, jwt.encode(claims, EC_KEY, algorithm="ES256"))


def test_keys_that_a_token_brings_along_are_not_used(provider: Provider, clock: HandClock) -> None:
    provider.documents["/evil"] = body({"keys": [jwk_of(OTHER_EC_KEY, "ec")]})
    headers = {
        "kid": "ec",
        "jku": f"{provider.url}/evil",
        "x5u": f"{provider.url}/evil",
        "jwk": jwk_of(OTHER_EC_KEY, "ec"),
    }
    forged = jwt.encode(claims_of(provider), OTHER_EC_KEY, algorithm="ES256", headers=headers)
    assert "signature" in refused(oidc(provider, clock), forged)
    assert "/evil" not in provider.asked


def test_garbage_asks_the_provider_nothing_more(provider: Provider, clock: HandClock) -> None:
    identity = oidc(provider, clock)
    for token in [*GARBAGE, "x" * (TOKEN_CHARS_MAX + 1), token_of(claims_of(provider, filler="x" * TOKEN_CHARS_MAX))]:
        assert refused(identity, token)
    assert provider.asked == []


def test_keys_unfit_for_signatures_are_passed_over(provider: Provider, clock: HandClock) -> None:
    secret = {"kty": "oct", "k": b64(b"s" * 32), "kid": "oct", "alg": "HS256"}
    provider.publish(
        secret,
        jwk_of(EC_KEY, "enc", use="enc"),
        jwk_of(EC_KEY, "alg", alg="ES384"),
        jwk_of(P384_KEY, "p384"),
        jwk_of(SMALL_RSA_KEY, "small"),
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "broken"},
        {"kty": "EC", "crv": ["P-256"], "x": 1, "kid": "odd"},
        {"kty": "RSA", "kid": "empty"},
        {"kty": ["RSA"], "n": None, "e": {}, "kid": "odder"},
        {"kty": "RSA", "n": 5, "e": 3, "kid": "numbers"},
        jwk_of(EC_KEY, "ec"),
        jwk_of(OTHER_EC_KEY, "ec"),
    )
    identity = oidc(provider, clock)
    claims = claims_of(provider)
    assert ask(identity, token_of(claims)).subject == "ann"
    for kid in ("enc", "alg", "broken", "odd"):
        assert "not known" in refused(identity, token_of(claims, EC_KEY, kid))
    for kid in ("small", "empty", "odder", "numbers"):
        assert "not known" in refused(identity, token_of(claims, RSA_KEY, kid, "RS256"))
    assert "not known" in refused(identity, token_of(claims, P384_KEY, "p384", "ES384"))
    forged = raw(
        {"alg": "HS256", "kid": "oct"}, claims, lambda text: hmac.new(b"s" * 32, text, hashlib.sha256).digest()
    )
    assert "not known" in refused(identity, forged)
    assert "signature" in refused(identity, token_of(claims, OTHER_EC_KEY))


def test_a_rotation_is_taken_up_and_the_old_key_ends(provider: Provider, clock: HandClock) -> None:
    identity = oidc(provider, clock)
    old, new = token_of(claims_of(provider)), token_of(claims_of(provider), OTHER_EC_KEY, "new")
    assert ask(identity, old).subject == "ann"
    provider.publish(jwk_of(OTHER_EC_KEY, "new"))
    clock.move(COOLDOWN_SECONDS - 1)
    assert "not known" in refused(identity, new)
    assert len(provider.asked) == 1
    clock.move(1)
    assert ask(identity, new).subject == "ann"
    assert "not known" in refused(identity, old)
    assert len(provider.asked) == 2


def test_a_key_taken_back_ends_when_the_keys_are_no_longer_fresh(provider: Provider, clock: HandClock) -> None:
    identity = oidc(provider, clock)
    token = token_of(claims_of(provider))
    assert ask(identity, token).subject == "ann"
    provider.publish(jwk_of(OTHER_EC_KEY, "new"))
    clock.move(KEYS_FRESH_SECONDS - 1)
    assert ask(identity, token).subject == "ann"
    clock.move(1)
    assert "not known" in refused(identity, token)
    assert len(provider.asked) == 2


def test_a_flood_of_made_up_key_ids_costs_one_fetch_a_cooldown(provider: Provider, clock: HandClock) -> None:
    identity = oidc(provider, clock)
    good = token_of(claims_of(provider))

    async def flood(number: int) -> list[BaseException | Caller]:
        made_up = [token_of(claims_of(provider), EC_KEY, f"made-up-{i}") for i in range(number)]
        return await asyncio.gather(*(identity.caller_of(token) for token in [*made_up, good]), return_exceptions=True)

    for cooldowns in range(1, 4):
        for _ in range(2):
            *bad, last = asyncio.run(flood(100))
            assert all(isinstance(error, BadToken) for error in bad)
            assert isinstance(last, Caller)
        assert len(provider.asked) == cooldowns
        clock.move(COOLDOWN_SECONDS)


def test_many_who_come_at_once_cause_one_fetch(provider: Provider, clock: HandClock) -> None:
    identity = oidc(provider, clock)
    token = token_of(claims_of(provider))

    async def crowd() -> list[Caller]:
        return await asyncio.gather(*(identity.caller_of(token) for _ in range(200)))

    assert {caller.subject for caller in asyncio.run(crowd())} == {"ann"}
    clock.move(KEYS_FRESH_SECONDS)
    assert len(asyncio.run(crowd())) == 200
    assert provider.asked == ["/jwks"] * 2


def test_whoever_gives_up_during_the_fetch_leaves_it_to_the_next(provider: Provider, clock: HandClock) -> None:
    """The first request is cancelled while the provider thinks; the second gets its answer all the same."""
    arrived, go_on = threading.Event(), threading.Event()
    provider.documents["/jwks"] = held_up(arrived, go_on, provider.documents["/jwks"])
    identity = oidc(provider, clock)
    token = token_of(claims_of(provider))

    async def run() -> Caller:
        first = asyncio.create_task(identity.caller_of(token))
        await asyncio.to_thread(arrived.wait, 20)
        second = asyncio.create_task(identity.caller_of(token))
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        go_on.set()
        return await second

    assert asyncio.run(run()).subject == "ann"


def test_nobody_else_waits_while_one_renews_keys_past_their_time(provider: Provider, clock: HandClock) -> None:
    identity = oidc(provider, clock)
    token = token_of(claims_of(provider))
    assert ask(identity, token).subject == "ann"
    arrived, go_on = threading.Event(), threading.Event()
    provider.documents["/jwks"] = held_up(arrived, go_on, provider.documents["/jwks"])
    clock.move(KEYS_FRESH_SECONDS)

    async def run() -> None:
        first = asyncio.create_task(identity.caller_of(token))
        await asyncio.to_thread(arrived.wait, 20)
        assert (await identity.caller_of(token)).subject == "ann"
        assert not first.done()
        go_on.set()
        assert (await first).subject == "ann"

    asyncio.run(run())


def test_a_clock_that_was_put_back_does_not_keep_old_keys(provider: Provider, clock: HandClock) -> None:
    identity = oidc(provider, clock)
    clock.move(3_600)
    assert ask(identity, token_of(claims_of(provider))).subject == "ann"
    provider.publish(jwk_of(OTHER_EC_KEY, "new"))
    clock.at = NOON
    assert ask(identity, token_of(claims_of(provider), OTHER_EC_KEY, "new")).subject == "ann"


def test_known_keys_serve_on_while_the_provider_is_down_but_not_for_ever(provider: Provider, clock: HandClock) -> None:
    identity = oidc(provider, clock)
    token = token_of(claims_of(provider))
    assert ask(identity, token).subject == "ann"
    good = provider.documents["/jwks"]
    provider.documents["/jwks"] = status(500)
    clock.move(KEYS_FRESH_SECONDS)
    for _ in range(20):
        assert ask(identity, token).subject == "ann"
    assert len(provider.asked) == 2  # one try, then a pause
    clock.move(RETRY_SECONDS)
    assert ask(identity, token).subject == "ann"
    assert len(provider.asked) == 3
    clock.at = NOON + timedelta(seconds=KEYS_STALE_SECONDS_MAX)
    with pytest.raises(Unavailable) as caught:
        ask(identity, token)
    assert caught.value.retry_seconds == RETRY_SECONDS
    provider.documents["/jwks"] = good
    clock.move(RETRY_SECONDS)
    assert ask(identity, token).subject == "ann"


def test_an_unknown_key_while_the_provider_is_down_is_not_the_caller_s_fault(
    provider: Provider, clock: HandClock
) -> None:
    identity = oidc(provider, clock)
    assert ask(identity, token_of(claims_of(provider))).subject == "ann"
    provider.documents["/jwks"] = status(503)
    clock.move(COOLDOWN_SECONDS)
    with pytest.raises(Unavailable):
        ask(identity, token_of(claims_of(provider), OTHER_EC_KEY, "new"))
    assert ask(identity, token_of(claims_of(provider))).subject == "ann"


NO_KEYS: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {
    "error": status(500),
    "error with keys": sends(json.dumps({"keys": [jwk_of(EC_KEY, "ec")]}).encode(), 500),
    "not found": status(404),
    "redirect": status(302, Location="/elsewhere"),
    "no content": status(204),
    "no json": sends(b"<html>"),
    "not utf-8": sends(b"\xff\xfe\xff"),
    "deep": sends(b"[" * 100_000),
    "list": body([]),
    "no keys": body({}),
    "keys of another shape": body({"keys": "none"}),
    "no key": body({"keys": []}),
    "no usable key": body({"keys": [5, {"kty": "oct", "k": "c2VjcmV0", "kid": "ec"}]}),
    "no key id": body({"keys": [without(jwk_of(EC_KEY, ""), "kid")]}),
    "too large": body({"keys": [jwk_of(EC_KEY, "ec")], "filler": "x" * identity_oidc.DOCUMENT_BYTES_MAX}),
}


@pytest.mark.parametrize("answer", NO_KEYS.values(), ids=NO_KEYS.keys())
def test_a_provider_that_answers_nonsense_is_unavailable_and_not_asked_in_haste(
    provider: Provider, clock: HandClock, answer: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    provider.documents |= {"/elsewhere": provider.documents["/jwks"], "/jwks": answer}
    identity = oidc(provider, clock)
    for _ in range(5):
        with pytest.raises(Unavailable):
            ask(identity, token_of(claims_of(provider)))
    assert provider.asked == ["/jwks"]
    provider.publish(jwk_of(EC_KEY, "ec"))
    clock.move(RETRY_SECONDS)
    assert ask(identity, token_of(claims_of(provider))).subject == "ann"


def test_a_provider_nobody_hears_is_unavailable(provider: Provider, clock: HandClock) -> None:
    identity = oidc(provider, clock, jwks_url="http://127.0.0.1:1/jwks")
    with pytest.raises(Unavailable):
        ask(identity, token_of(claims_of(provider)))


def test_a_provider_that_never_finishes_is_given_up(provider: Provider, clock: HandClock) -> None:
    """It sends a beginning and then nothing; the crowd waits for one attempt, not for one each."""
    done = threading.Event()

    def begins(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"keys":')
        handler.wfile.flush()
        done.wait(60)

    provider.documents["/jwks"] = begins
    identity = oidc(provider, clock)

    async def crowd() -> list[BaseException | Caller]:
        token = token_of(claims_of(provider))
        return await asyncio.gather(*(identity.caller_of(token) for _ in range(20)), return_exceptions=True)

    try:
        assert {type(outcome) for outcome in asyncio.run(crowd())} == {Unavailable}
        assert provider.asked == ["/jwks"]
    finally:
        done.set()


def test_the_key_set_is_found_through_the_issuer(provider: Provider, clock: HandClock) -> None:
    path = "/.well-known/openid-configuration"
    provider.documents[path] = body({"issuer": provider.url, "jwks_uri": f"{provider.url}/jwks"})
    assert ask(oidc(provider, clock, jwks_url=None), token_of(claims_of(provider))).subject == "ann"
    assert provider.asked == [path, "/jwks"]


@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "https://evil.example"},
        {"jwks_uri": "http://evil.example/jwks"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "http://0.0.0.0:{port}/jwks"},
        {"jwks_uri": None},
        {"jwks_uri": "https://[bad"},
    ],
    ids=str,
)
def test_a_discovery_document_that_leads_astray_is_not_followed(
    provider: Provider, clock: HandClock, told: dict[str, Any]
) -> None:
    path = "/.well-known/openid-configuration"
    document = json.dumps({"issuer": provider.url, "jwks_uri": f"{provider.url}/jwks", **told})
    provider.documents[path] = sends(document.replace("{port}", str(provider.server.server_port)).encode())
    with pytest.raises(Unavailable):
        ask(oidc(provider, clock, jwks_url=None), token_of(claims_of(provider)))
    assert provider.asked == [path]


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("https://id.example", True),
        ("http://localhost:8080", True),
        ("http://127.0.0.1:1", True),
        ("http://[::1]:1", True),
        ("http://id.example", False),
        ("http://10.0.0.1", False),
        ("http://0.0.0.0", False),
        ("http://localhost.evil.example", False),
        ("http://127.0.0.1@evil.example", False),
        ("ftp://localhost", False),
        ("file:///keys", False),
        ("id.example", False),
        ("", False),
    ],
)
def test_only_https_or_this_machine(clock: HandClock, url: str, *, fits: bool) -> None:
    def build(**more: Any) -> Oidc:
        return Oidc(**{"issuer": "https://id.example", "clock": clock, "audience": "us", **more})

    if fits:
        build(issuer=url)
        build(jwks_url=url)
    else:
        with pytest.raises(ValueError, match="OIDC_ISSUER is an https URL"):
            build(issuer=url)
        with pytest.raises(ValueError, match="OIDC_JWKS_URL is an https URL"):
            build(jwks_url=url)


NAMES = ClaimNames(
    roles=("https://us.example/roles", "metadata.role", "realm_access.roles"), scopes=("scp",), acting_for="customer.id"
)


@pytest.mark.parametrize(
    ("names", "claims", "roles"),
    [
        (ClaimNames(), {"role": "partner"}, {"partner"}),
        (ClaimNames(), {"role": "partner hub"}, {"partner", "hub"}),
        (ClaimNames(), {"roles": ["ops", "curator"]}, {"ops", "curator"}),
        (ClaimNames(), {"metadata": {"role": "worker"}}, {"worker"}),
        (ClaimNames(), {"role": "customer", "metadata": {"role": "partner"}}, {"customer", "partner"}),
        (ClaimNames(), {"role": "emperor", "roles": ["hub", "duke", 5, None, ["super"]]}, {"hub"}),
        (ClaimNames(), {"role": "Admin"}, set()),
        (ClaimNames(), {"role": {"super": True}}, set()),
        (ClaimNames(), {"unsafe_metadata": {"role": "super"}, "metadata": "role"}, set()),
        (NAMES, {"https://us.example/roles": ["hub"]}, {"hub"}),
        (NAMES, {"realm_access": {"roles": ["ops"]}}, {"ops"}),
        (NAMES, {"role": "super"}, set()),
    ],
)
def test_roles_come_from_the_named_claims_and_unknown_ones_are_passed_over(
    provider: Provider, clock: HandClock, names: ClaimNames, claims: dict[str, Any], roles: set[str]
) -> None:
    token = token_of({**without(claims_of(provider), "role"), **claims})
    assert ask(oidc(provider, clock, claim_names=names), token).roles == roles
    by_default = ask(oidc(provider, clock, claim_names=names, is_customer_by_default=True), token)
    assert by_default.roles == (roles or {"customer"})


def test_scopes_come_as_text_or_list_and_foreign_ones_are_passed_over(provider: Provider, clock: HandClock) -> None:
    identity = oidc(provider, clock)
    for scope in ("openid orders:read email", ["openid", "orders:read"]):
        assert ask(identity, token_of(claims_of(provider, scope=scope))).scopes == {"orders:read"}
    foreign_only = ask(identity, token_of(claims_of(provider, scope="openid email")))
    assert scopes_of(foreign_only) == scopes_of(Caller("ann", frozenset({Role.CUSTOMER})))


def test_an_agent_of_a_provider_has_its_customer_scopes_and_limits(provider: Provider, clock: HandClock) -> None:
    identity = oidc(provider, clock, claim_names=NAMES)
    claims = claims_of(
        provider, metadata={"role": "agent"}, scp=["orders:write"], customer={"id": "ann"}, sub="bot",
        limits={"order_max_minor": 10 * ORDER_MAX_MINOR},
    )  # fmt: skip
    caller = ask(identity, token_of(claims))
    assert caller == Caller("bot", frozenset({Role.AGENT}), frozenset({"orders:write"}), "ann", Limits())
