"""Whose a connection over loopback is: any user of the machine may connect to a port there.

Linux tells the owner of one connection by its addresses (sock_diag(7)), in microseconds; reading
/proc/net/tcp takes it milliseconds, for every call of Terraform's.
"""

from __future__ import annotations

import os
import socket
import struct

DIAG, BY_FAMILY, REQUEST = 4, 20, 1  # NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST
ESTABLISHED, CLOSE_WAIT = 1, 8  # states with an owner
ANY_STATE, ANY_DEVICE = 0xFFFFFFFF, (0, b"\xff" * 8)  # the last: any cookie
HEADER = struct.Struct("=IHHII")  # nlmsghdr
# inet_diag_req_v2 and inet_diag_msg, whose middle is an inet_diag_sockid: ports, addresses, device,
# cookie. No address is longer than IPv4's here.
WANTED = struct.Struct("=BBBBI2s2s4s12x4s12xI8s")
FOUND = struct.Struct("=BBBB2s2s4s12x4s12xI8sIIIII")


def is_ours(peer: str, port: int) -> bool:
    """Return whether this user's process is at the other end; ``peer`` is ``ipv4:127.0.0.1:PORT``.

    ``port`` is the one that was connected to. It is not ours either where the kernel does not tell.
    """
    number = peer.rpartition(":")[2]
    return number.isdigit() and _owner(int(number), port) == os.geteuid()


def _owner(own: int, other: int) -> int | None:
    """Return the user of the socket at one end of a connection on 127.0.0.1."""
    here = socket.inet_aton("127.0.0.1")
    ports = tuple(struct.pack("!H", port) for port in (own, other))
    family = (socket.AF_INET, socket.IPPROTO_TCP, 0, 0, ANY_STATE)
    wanted = WANTED.pack(*family, *ports, here, here, *ANY_DEVICE)
    message = HEADER.pack(HEADER.size + len(wanted), BY_FAMILY, REQUEST, 1, 0) + wanted
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, DIAG) as kernel:
            kernel.send(message)
            answer = kernel.recv(4096)
    except OSError:
        return None
    _, kind, *_ = HEADER.unpack_from(answer)
    if kind != BY_FAMILY:
        return None  # there is no such connection
    _, state, _, _, sport, dport, *_, user, _ = FOUND.unpack_from(answer, HEADER.size)
    alive = state in (ESTABLISHED, CLOSE_WAIT)
    return int(user) if alive and (sport, dport) == ports else None
