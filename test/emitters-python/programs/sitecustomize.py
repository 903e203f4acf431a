"""Python imports this by itself before any program: whatever is installed may reach this machine and nothing else.

A refusal is written down as well as raised, because telemetry code tends to swallow errors.
"""

import ipaddress
import sys

refused: list[str] = []


def _is_local(host: object) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def _hosts(event: str, args: tuple) -> list[object]:
    if event in ("socket.connect", "socket.sendto", "socket.bind"):
        address = args[1]
        # A path or bytes is a socket of this machine.
        return [address[0]] if isinstance(address, tuple) else []
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        return [args[0]]
    return []


def _refuse_other_machines(event: str, args: tuple) -> None:
    for host in _hosts(event, args):
        if not _is_local(host):
            refused.append(f"{event} {host}")
            raise ConnectionRefusedError(f"only loopback may be reached, not {host} ({event})")


sys.addaudithook(_refuse_other_machines)
