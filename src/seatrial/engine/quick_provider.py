"""The AWS provider with its fixed waiting times divided, in the memory of its own process.

The provider waits constant times between two looks (10 s here, 30 s there: 80 s an apply against
an emulator that needs milliseconds). We start the unmodified program in its debug mode, find Go's
``time.Sleep`` and ``time.NewTimer`` through the program's own symbol table, and make each divide
its argument by a power of two. Nothing on disk changes. Every byte is verified before it is
written; where anything is not as expected, the stock provider is used and a note says so.
"""

from __future__ import annotations

import array
import json
import mmap
import os
import platform
import re
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.engine import process

SHIFT = 6  # divide by 64: our resources apply cleanly; more makes some time-outs too short
STANDING_LOOKS = 1000  # a millisecond apart: a stopped program stands at once
LONGEST_FOLDER = 80  # a socket's path has 107 bytes at most
FUNCTIONS = ("time.Sleep", "time.NewTimer")
# The stack check that opens a Go function on amd64: cmp rsp, [r14+16]; then a jump that is
# taken when the stack must grow, in its short or its near form.
_PROLOGUE = b"\x49\x3b\x66\x10"
_SHORT, _NEAR = b"\x76", b"\x0f\x86"
_CAVE = b"\xcc" * 24  # int3 padding between functions: room for our instructions
# Terraform's own TF_LOG means nothing to a provider in debug mode: it would log every request.
_QUIET = {
    "TF_LOG": "OFF", "TF_LOG_PROVIDER_AWS": "OFF", "TF_LOG_SDK_PROTO": "OFF",
    "TF_LOG_SDK_FRAMEWORK": "OFF",
}  # fmt: skip
# Where we are killed, Terraform goes on to its end, and needs the provider for that. Both of us
# hold the guard's standard input open; when nobody does any more, the provider ends.
_GUARD = '"$0" -debug </dev/null & child=$!; exec >/dev/null; cat; kill -9 $child'
LAST_WORDS = "provider.log"  # what the provider writes when it crashes, in the target's folder
_GO_MAGIC = {0xFFFFFFF0, 0xFFFFFFF1}  # the tables of Go 1.18 and of 1.20 and later


class UnknownShapeError(Exception):
    """The provider's program is not built as we know it."""


@dataclass(frozen=True)
class Write:
    """Bytes for an address of the running program, and what must stand there before."""

    address: int
    before: bytes
    after: bytes


@dataclass(frozen=True)
class _Section:
    address: int
    offset: int
    size: int


def _sections(image: mmap.mmap) -> dict[str, _Section]:
    """Read the ELF section table (System V ABI, chapter 4)."""
    if image[:4] != b"\x7fELF" or image[4] != 2 or struct.unpack_from("<H", image, 18)[0] != 62:
        raise UnknownShapeError("not a 64-bit x86 program")
    (table,) = struct.unpack_from("<Q", image, 40)
    size, count, names = struct.unpack_from("<HHH", image, 58)
    rows = [struct.unpack_from("<IIQQQQIIQQ", image, table + i * size) for i in range(count)]
    found = {}
    for row in rows:
        start = rows[names][4] + row[0]
        name = image[start : image.find(b"\0", start)].decode()
        found[name] = _Section(row[3], row[4], row[5])
    return found


def _functions(image: mmap.mmap, sections: dict[str, _Section]) -> dict[str, int]:
    """Find functions by name in Go's pclntab (go/src/runtime/symtab.go)."""
    table = sections[".gopclntab"].offset
    magic, _, _, pointer = struct.unpack_from("<IHBB", image, table)
    if magic not in _GO_MAGIC or pointer != 8:
        raise UnknownShapeError("Go's function table has another format")
    count, _, text, names, _, _, _, rows = struct.unpack_from("<8Q", image, table + 8)
    text = text or sections[".text"].address
    entries = array.array("I")
    entries.frombytes(image[table + rows : table + rows + count * 8])
    wanted = {name.encode() + b"\0": name for name in FUNCTIONS}
    found: dict[str, int] = {}
    for index in range(0, count * 2, 2):
        (name_offset,) = struct.unpack_from("<i", image, table + rows + entries[index + 1] + 4)
        start = table + names + name_offset
        if image[start : start + 5] != b"time.":
            continue
        for name, plain in wanted.items():
            if image[start : start + len(name)] == name:
                found[plain] = text + entries[index]
    if missing := set(FUNCTIONS) - found.keys():
        raise UnknownShapeError(f"no function {', '.join(sorted(missing))}")
    return found


def _branch(code: bytes, address: int) -> tuple[int, int]:
    """Return length and target of the stack check at a function's start."""
    if code[:4] != _PROLOGUE:
        raise UnknownShapeError("a function begins in another way")
    if code[4:5] == _SHORT:
        return 6, address + 6 + struct.unpack("b", code[5:6])[0]
    if code[4:6] == _NEAR:
        return 10, address + 10 + struct.unpack("<i", code[6:10])[0]
    raise UnknownShapeError("a function's stack check has another form")


def writes(program: Path, shift: int = SHIFT) -> list[Write]:
    """Return what to write into the running program; raises UnknownShapeError."""
    with program.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as image:
        try:
            sections = _sections(image)
            found = _functions(image, sections)
            return list(_trampolines(image, sections[".text"], found, shift))
        except (struct.error, KeyError, UnicodeDecodeError) as error:
            raise UnknownShapeError(str(error)) from error


def _trampolines(
    image: mmap.mmap, text: _Section, functions: dict[str, int], shift: int
) -> Iterator[Write]:
    position = text.offset
    for address in functions.values():
        offset = address - text.address + text.offset
        length, grow = _branch(image[offset : offset + 16], address)
        cave = image.find(_CAVE, position)
        if cave < 0 or cave + len(_CAVE) > text.offset + text.size:
            raise UnknownShapeError("no room between functions")
        position = cave + len(_CAVE)
        here = cave + 1 - text.offset + text.address
        code = _PROLOGUE  # the stack check first: where the stack grows, the function begins again
        code += _NEAR + struct.pack("<i", grow - (here + len(code) + 6))
        code += b"\x48\xc1\xf8" + bytes([shift])  # sar rax, shift
        code += b"\xe9" + struct.pack("<i", address + length - (here + len(code) + 5))
        if len(code) >= len(_CAVE):
            raise UnknownShapeError("our instructions do not fit")
        yield Write(here, _CAVE[: len(code)], code)
        jump = b"\xe9" + struct.pack("<i", here - (address + 5))
        yield Write(address, image[offset : offset + length], jump.ljust(length, b"\x90"))


@contextmanager
def _standing(program: int) -> Iterator[None]:
    """Stop a program's threads while the block writes: none may run half an instruction."""
    os.kill(program, signal.SIGSTOP)
    try:
        for _ in range(STANDING_LOOKS):
            states = [stat.read_text() for stat in Path(f"/proc/{program}/task").glob("*/stat")]
            if all(text.rpartition(")")[2].split()[0] == "T" for text in states):
                break
            time.sleep(0.001)
        yield
    finally:
        os.kill(program, signal.SIGCONT)


def _apply(program: int, changes: list[Write]) -> None:
    with _standing(program), open(f"/proc/{program}/mem", "r+b", buffering=0) as memory:
        for change in changes:
            memory.seek(change.address)
            if memory.read(len(change.before)) != change.before:
                raise UnknownShapeError("the running program differs from its file")
        for change in changes:
            memory.seek(change.address)
            memory.write(change.after)


@contextmanager
def running(
    program: Path | None, environment: Mapping[str, str], folder: Path, shift: int = SHIFT
) -> Iterator[tuple[str | None, str]]:
    """Run the quick provider; yields Terraform's reattach value and a note.

    The value is None where the stock provider must be used, and the note says why. With a
    ``shift`` of 0 the provider runs as it is.
    """
    if program is None or sys.platform != "linux" or platform.machine() != "x86_64":
        yield None, "stock provider: quick timers are for Linux on x86-64"
        return
    try:
        changes = writes(program, shift) if shift else []
    except (UnknownShapeError, OSError) as error:
        yield None, f"stock provider: {error}"
        return
    quiet = {**environment, **_QUIET}
    # Go looks up where a thread is when it interrupts one, and ends the program when it is at an
    # address that is in none of its tables, as ours are: so it must not interrupt.
    quiet["GODEBUG"] = "asyncpreemptoff=1"
    if len(str(folder)) < LONGEST_FOLDER:  # else its socket's path would be too long
        quiet["TMPDIR"] = str(folder)
    try:
        guard = _guarded(program, quiet, folder)
    except OSError as error:
        yield None, f"stock provider: {error}"
        return
    try:
        if guard.stdin:
            os.set_inheritable(guard.stdin.fileno(), True)
        yield _attach(guard, changes, shift)
    finally:
        os.killpg(guard.pid, signal.SIGKILL)
        guard.wait()
        for stream in (guard.stdin, guard.stdout):
            if stream:
                stream.close()
        _forget_socket(guard.pid)


def _guarded(program: Path, environment: Mapping[str, str], folder: Path) -> subprocess.Popen[str]:
    with (folder / LAST_WORDS).open("ab") as words:
        return subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, str(program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            text=True,
            env=dict(environment),
            cwd=folder,
            start_new_session=True,
        )


def _attach(
    guard: subprocess.Popen[str], changes: list[Write], shift: int
) -> tuple[str | None, str]:
    for line in guard.stdout or ():
        if match := re.search(r"TF_REATTACH_PROVIDERS='(.*)'", line):
            try:
                if changes:
                    _apply(_process(match[1]), changes)
                _SOCKETS[guard.pid] = _socket(match[1])
            except (UnknownShapeError, OSError) as error:
                return None, f"stock provider: {error}"
            return match[1], f"provider timers divided by {2**shift}"
    return None, "stock provider: its debug mode did not start"


def _reattach(value: str) -> dict[str, Any]:
    """Return what a reattach value says of its one provider (go-plugin's ReattachConfig)."""
    try:
        found = next(iter(json.loads(value).values()))
        return {"Pid": found["Pid"], "Addr": {"String": found["Addr"]["String"]}}
    except (ValueError, AttributeError, LookupError, TypeError, StopIteration) as error:
        raise UnknownShapeError(f"its debug mode printed {value[:200]!r}") from error


def _process(value: str) -> int:
    return int(_reattach(value)["Pid"])


def alive(value: str) -> bool:
    """Return whether the provider of a reattach value still runs."""
    return process.alive(_process(value))


_SOCKETS: dict[int, Path] = {}


def _socket(value: str) -> Path:
    return Path(_reattach(value)["Addr"]["String"])


def _forget_socket(process: int) -> None:
    """A killed provider leaves its socket in the temporary folder: nothing may stay behind."""
    path = _SOCKETS.pop(process, None)
    if path:
        path.unlink(missing_ok=True)
