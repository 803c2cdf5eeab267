"""`python -m demo.run`: the app on the local host, the demo city opened, tokens to paste; it stays until stopped."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import httpx

from demo.terminal import Voice, bold, dim

URL = "http://127.0.0.1:7071"
WAIT_SECONDS_MAX = 60
WHO = {
    "customer": "ann", "partner": "rosie-and-thorn", "hub": "hub-downtown", "worker": "w-marisol", "ops": "olga"
}  # fmt: skip
TRIES = (
    "curl -s {url}/api/v1/products?q=pink+roses",
    "curl -s {url}/api/v1/tasks -H \"Authorization: Bearer $PARTNER\"",
    "curl -s -X POST {url}/api/v1/simulator/live-demo --json '{{}}' -H \"Authorization: Bearer $OPS\"",
)


def main() -> int:
    """Start, open the city, print tokens, and stay; the host's own exit code."""
    voice = Voice()
    host = subprocess.Popen([sys.executable, "-m", "devhost", *sys.argv[1:]])  # noqa: S603  our own words
    signal.signal(signal.SIGTERM, lambda *_: host.terminate())
    try:
        if _is_up(host):
            _told(voice)
        return host.wait()
    except KeyboardInterrupt:
        return host.wait()


def _is_up(host: subprocess.Popen[bytes]) -> bool:
    """Whether it answers in time; the first search opens the city."""
    for _ in range(WAIT_SECONDS_MAX * 10):
        if host.poll() is not None:
            return False
        try:
            httpx.get(f"{URL}/api/v1/products", params={"q": "tulips"}, timeout=WAIT_SECONDS_MAX)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return True
    return False


def _told(voice: Voice) -> None:
    voice.say(bold(f"\nThe app is at {URL}, the demo city is open. Tokens for a day:"), 0)
    for role, subject in WHO.items():
        body = {"role": role, "subject": subject, "ttl_seconds": 86_400}
        token = httpx.post(f"{URL}/api/v1/dev/token", json=body).json()["data"]["token"]
        voice.say(f"export {role.upper()}={token}  {dim('# ' + subject)}", 0)
    voice.say(bold("\nTry:"), 0)
    for line in TRIES:
        voice.say(line.format(url=URL), 0)
    voice.say(f"{URL}/api/openapi.json has every route, {URL}/.well-known/agent-manifest.json what agents may do.\n", 0)


if __name__ == "__main__":
    sys.exit(main())
