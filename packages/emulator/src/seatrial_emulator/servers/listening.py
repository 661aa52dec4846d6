"""The addresses that a program listens on, also inside a network namespace of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
from pathlib import Path

import psutil

from seatrial_emulator.servers.process_tree import tree

_LISTEN = "0A"  # a socket's state in /proc/net/tcp (Linux, include/net/tcp_states.h)


def listening(pid: int) -> set[tuple[str, int]]:
    """Return address and port of every TCP socket on which a process or its children listen."""
    processes = tree(pid) if pid else []
    if sys.platform == "linux":
        sockets = {inode for process in processes for inode in _inodes(process.pid)}
        return {place for inode, place in _table(pid) if inode in sockets}
    found = set()
    for process in processes:
        with contextlib.suppress(psutil.Error):
            rows = process.net_connections("tcp")
            found |= {(r.laddr.ip, r.laddr.port) for r in rows if r.status == psutil.CONN_LISTEN}
    return found


def _inodes(pid: int) -> list[str]:
    """Return the numbers of a process's open sockets."""
    found = []
    with contextlib.suppress(OSError):
        for entry in os.scandir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                target = os.readlink(entry.path)
                if target.startswith("socket:["):
                    found.append(target[8:-1])
    return found


def _table(pid: int) -> list[tuple[str, tuple[str, int]]]:
    """Return each listening socket of a process's network: its number, address and port."""
    found = []
    for name, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]:
                words = line.split()
                if words[3] == _LISTEN:
                    address, port = words[1].split(":")
                    found.append((words[9], (_address(address, family), int(port, 16))))
    return found


def _address(text: str, family: socket.AddressFamily) -> str:
    """Read an address as /proc/net/tcp writes it: words of four bytes in the machine's order."""
    numbers = [int(text[at : at + 8], 16) for at in range(0, len(text), 8)]
    return socket.inet_ntop(family, struct.pack(f"={len(numbers)}I", *numbers))
