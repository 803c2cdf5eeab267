"""Connections to addresses that others have named: to public ones alone, so that none leads back into the house."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class PrivateAddress(OSError):
    """The name leads to this machine, this network, or to no place that is anybody's."""


class PublicResolver(AbstractResolver):
    """Looks names up and gives public addresses alone; the connection goes to what was checked."""

    def __init__(self) -> None:
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises PrivateAddress where one of them is not public: such a name is not what it says."""
        found = await self._resolver.resolve(host, port, family)
        if not all(is_public(one["host"]) for one in found):
            raise PrivateAddress("the name leads to an address that is not public")
        return found

    async def close(self) -> None:
        """Nothing is held."""
        await self._resolver.close()


def is_public(address: str) -> bool:
    """Whether an IP address is somebody's on the internet, also where it stands inside of an IPv6 address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inside = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inside is not None:
            return is_public(str(inside))
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


def problem_with(url: str, *, allows_private: bool) -> str | None:
    """Why nothing is sent to a URL, None where it may be; names are looked up later, by PublicResolver."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "it is no URL"
    if not host or parts.username is not None:
        return "it is no URL of a host"
    if parts.scheme != "https" and not (allows_private and parts.scheme == "http"):
        return "it is not https"
    try:
        return None if allows_private or is_public(host) else "its address is not public"
    except ValueError:
        return None  # a name


def connector(*, allows_private: bool) -> aiohttp.TCPConnector:
    """For a session to such an address."""
    if allows_private:
        return aiohttp.TCPConnector()
    return aiohttp.TCPConnector(resolver=PublicResolver())
