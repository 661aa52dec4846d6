"""The first process of a task: isolates it, starts its program, ends with the daemon.

Runs alone (``python -I -S pid1.py``), standard library only. File descriptor 3 is the control
socket: when the daemon's end closes, for whatever reason, the task and everything it started ends.
File descriptor 4 answers dials: a port comes in, a connected socket goes out.

In namespaces of its own this process is number 1, so the kernel ends every descendant with it.
Without namespaces it ends the process group.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import errno
import fcntl
import json
import os
import select
import signal
import socket
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing takes 5 ms to import, and every task starts with this file
    from typing import Any

CONTROL, DIAL = 3, 4
NEWNS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MS_RDONLY, MS_REMOUNT, MS_NOATIME, MS_NODIRATIME, MS_RELATIME = 1, 32, 1024, 2048, 1 << 21
ST_RELATIME = 4096  # the same as MS_RELATIME, as statvfs says it
NO_RIGHTS = 2 | 4 | 8  # MS_NOSUID, MS_NODEV, MS_NOEXEC
SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK = 0x8913, 0x8914, 0x8916, 0x891C
IFF_UP = 1
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> None:
    """Raise the C library's error."""
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def receive(control: socket.socket) -> Any:
    """Read one message from the control socket; the first is the task's description."""
    (length,) = struct.unpack("!I", exactly(control, 4))
    return json.loads(exactly(control, length))


def exactly(control: socket.socket, count: int) -> bytes:
    """Read a number of bytes."""
    data = b""
    while len(data) < count:
        block = control.recv(count - len(data))
        if not block:
            raise EOFError
        data += block
    return data


def send(control: socket.socket, message: dict[str, object], fds: tuple[int, ...] = ()) -> None:
    """Send one message, and descriptors with it."""
    data = json.dumps(message).encode()
    packed = struct.pack("!I", len(data)) + data
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    with contextlib.suppress(OSError):
        control.sendmsg([packed], rights)


ALL = NEWUSER | NEWNS | NEWNET | NEWPID | NEWIPC


def isolate(spec: dict[str, Any], spaces: int = ALL) -> None:
    """Enter namespaces of our own; this process keeps its rights until the program is executed."""
    uid, gid = os.geteuid(), os.getegid()
    check(libc.unshare(spaces), "unshare")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{spec['uid']} {uid} 1"),
        ("gid_map", f"{spec['uid']} {gid} 1"),
    ):
        with contextlib.suppress(FileNotFoundError), open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def set_up(spec: dict[str, Any]) -> None:
    """Mount what the task sees, and bring up its loopback device with its addresses."""
    check(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount private")
    libc.mount(b"proc", b"/proc", b"proc", 0, None)  # refused in some containers: not needed
    for source, target in spec["mounts"]:
        check(libc.mount(source.encode(), target.encode(), None, MS_BIND, None), f"bind {target}")
    for path in spec.get("read_only", ()):  # before what lies in it is covered
        protect(path)
    hide(spec.get("hidden", ()), spec.get("shown", ()))
    set_addresses(spec)


def protect(path: str) -> None:
    """Let nothing be written below a folder, as in an image of a read-only root file system."""
    target = path.encode()
    check(libc.mount(target, target, None, MS_BIND | MS_REC, None), f"bind {path}")
    present = os.statvfs(path).f_flag  # flags that a user namespace may not clear
    flags = present & (NO_RIGHTS | MS_NOATIME | MS_NODIRATIME)
    flags |= MS_RELATIME if present & ST_RELATIME else 0
    flags |= MS_BIND | MS_REMOUNT | MS_RDONLY
    check(libc.mount(b"none", target, None, flags, None), f"protect {path}")


def hide(hidden: list[str], shown: list[str]) -> None:
    """Cover what is not the task's, and bind again the few paths below it that it needs."""
    parents = [(path, os.open(os.path.dirname(path), os.O_PATH)) for path in shown]
    for path in hidden:
        kind, source = (b"tmpfs", b"none") if os.path.isdir(path) else (None, b"/dev/null")
        flags, options = (NO_RIGHTS, b"mode=0755") if kind else (MS_BIND, None)
        check(libc.mount(source, path.encode(), kind, flags, options), f"cover {path}")
    for path, parent in parents:
        os.fchdir(parent)  # the parent as it was: its own path leads to what covers it now
        name = os.path.basename(path)
        os.makedirs(path if os.path.isdir(name) else os.path.dirname(path), exist_ok=True)
        if not os.path.isdir(name):
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        done = libc.mount(name.encode(), path.encode(), None, MS_BIND | MS_REC, None)
        check(done, f"show {path}")
        os.close(parent)
    os.chdir("/")


def set_addresses(spec: dict[str, Any]) -> None:
    """Give the loopback device of our network the task's addresses."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        bring_up(device, b"lo")
        for number, address in enumerate(spec["addresses"]):
            name = f"lo:{number + 1}".encode()
            # One address, not the network around it: what lies there must have no route.
            for call, value in ((SIOCSIFADDR, address), (SIOCSIFNETMASK, "255.255.255.255")):
                packed = socket.inet_aton(value)
                request = struct.pack("16sH2s4s8x", name, socket.AF_INET, b"\0\0", packed)
                fcntl.ioctl(device, call, request)
    with (
        contextlib.suppress(OSError),
        open("/proc/sys/net/ipv4/ip_unprivileged_port_start", "w") as file,
    ):
        file.write("0")  # as in containers: a program that is not root may listen on port 80


def bring_up(device: socket.socket, name: bytes) -> None:
    """Bring a network device up."""
    flags = struct.unpack("16sH", fcntl.ioctl(device, SIOCGIFFLAGS, struct.pack("16sH", name, 0)))
    fcntl.ioctl(device, SIOCSIFFLAGS, struct.pack("16sH", name, flags[1] | IFF_UP))


def listen(control: socket.socket, egress: str, address: str, port: int) -> None:
    """Open a listening socket in the task's network and pass it to the daemon."""
    try:
        server = socket.create_server((address, port), backlog=128)
    except OSError as error:
        send(control, {"egress": egress, "error": str(error)})
        return
    send(control, {"egress": egress}, (server.fileno(),))
    server.close()


def start(spec: dict[str, Any]) -> int:
    """Start the program and return its process number; raises OSError where it cannot run."""
    reader, writer = os.pipe()  # closed by a program that begins
    pid = os.fork()
    if pid:
        os.close(writer)
        with os.fdopen(reader, "rb") as reported:
            if text := reported.read():
                raise OSError(text.decode())
        return pid
    try:
        if not spec["isolated"]:
            os.setpgid(0, 0)
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if spec.get("drop"):  # root without namespaces: give the rights up for good
            os.setgroups([])
            os.setgid(spec["drop"][1])
            os.setuid(spec["drop"][0])
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        os.umask(0o022)
        os.chdir(spec["folder"])
        os.execvpe(spec["words"][0], spec["words"], spec["environment"])  # noqa: S606
    except OSError as error:
        why = (error.strerror or "").lower()
        if error.errno == errno.ENOENT and "/" not in spec["words"][0]:
            why = "executable file not found in $PATH"
        os.write(writer, f'exec: "{spec["words"][0]}": {why}'.encode())
        os._exit(127)


def fork_container(spec: dict[str, Any]) -> tuple[int, int]:
    """Fork what will run the container, and a guard that removes it when this process has ended.

    Both stay in the machine's own namespaces, where engines work; the container enters our network
    by this process's number. Returns the child and what starts it when written to.
    """
    reader, go = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(go)
        close_control()
        if not os.read(reader, 1):
            os._exit(0)
        given = os.memfd_create("environment", 0)  # values are in no argument and in no file
        os.write(given, spec["variables"].encode())
        os.set_inheritable(given, True)
        found = {
            "@network": f"--network=ns:/proc/{os.getppid()}/ns/net",
            "@environment": f"--env-file=/proc/self/fd/{given}",
        }
        words = [found.get(word, word) for word in spec["run"]]
        os.execve(words[0], words, spec["environment"])  # noqa: S606
    os.close(reader)
    ended, alive = os.pipe()
    if os.fork() == 0:
        os.close(alive)
        os.close(go)
        close_control()
        os.setsid()
        os.dup2(ended, 0)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        words = ["sh", "-c", 'cat; exec "$@"', "sh", *spec["remove"]]
        os.execve("/bin/sh", words, spec["environment"])  # noqa: S606
    os.close(ended)
    os.set_inheritable(alive, False)
    return child, go


def close_control() -> None:
    """Close what belongs to the task's first process alone."""
    os.close(CONTROL)
    os.close(DIAL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run_container(control: socket.socket, line: socket.socket, spec: dict[str, Any]) -> None:
    """Run a container: its network is ours, its program is podman's."""
    child, go = fork_container(spec)
    isolate(spec, NEWUSER | NEWNET)
    set_addresses(spec)
    for egress in spec["egresses"]:
        listen(control, *egress)
    os.write(go, b".")
    os.close(go)
    supervise(control, line, child, spec)


def dial(request: bytes, addresses: list[str]) -> tuple[socket.socket | None, str]:
    """Connect to a port of the task: the socket, or what went wrong."""
    (port,) = struct.unpack("!H", request)
    connection = socket.socket()
    connection.settimeout(4)
    try:
        connection.connect((addresses[0], port))
    except OSError as error:
        connection.close()
        return None, error.strerror or "timed out"
    connection.settimeout(None)
    return connection, ""


def answer(line: socket.socket, addresses: list[str]) -> bool:
    """Answer one dial; False when the network process has closed the socket."""
    request = line.recv(2)
    if not request:
        return False
    connection, why = dial(request, addresses)
    with contextlib.suppress(OSError):
        if connection is None:
            line.sendmsg([b"!" + why.encode()])
        else:
            rights = array.array("i", [connection.fileno()])
            line.sendmsg([b"+"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
            connection.close()
    return True


def end(child: int, *, isolated: bool) -> None:
    """End everything: as number 1 our own end is enough."""
    if not isolated:
        with contextlib.suppress(OSError):
            os.killpg(child, signal.SIGKILL)
    os._exit(0)


def supervise(
    control: socket.socket, line: socket.socket, child: int, spec: dict[str, Any]
) -> None:
    """Serve control socket and dials until the daemon closes them; report the program's end."""
    waker, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    poll = select.poll()
    for number in (control.fileno(), line.fileno(), waker):
        poll.register(number, select.POLLIN | select.POLLHUP)
    reap(control, child, spec)
    while True:
        for number, event in poll.poll():
            if number == waker:
                os.read(waker, 64)
                reap(control, child, spec)
            elif number == control.fileno():
                if not event & select.POLLIN:
                    end(child, isolated=spec["isolated"])
                try:
                    message = receive(control)
                except (EOFError, OSError):
                    end(child, isolated=spec["isolated"])
                handle_message(control, message, child, spec)
            elif not answer(line, spec["addresses"]):
                poll.unregister(line.fileno())


def handle_message(
    control: socket.socket, message: dict[str, Any], child: int, spec: dict[str, Any]
) -> None:
    """Do what a message of the daemon says; end everything at one that is unknown."""
    if "listen" in message:
        listen(control, *message["listen"])
    elif "signal" in message:
        with contextlib.suppress(OSError):
            os.kill(child, message["signal"])
    else:
        end(child, isolated=spec["isolated"])


def reap(control: socket.socket, child: int, spec: dict[str, Any]) -> None:
    """Collect ended processes; report to the daemon when the program itself has ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            if not spec["isolated"]:
                with contextlib.suppress(OSError):
                    os.killpg(child, signal.SIGKILL)
            send(control, {"exit": code if code >= 0 else 128 - code})


def main() -> None:
    """Make the namespaces, start the program, supervise it."""
    control, line = socket.socket(fileno=CONTROL), socket.socket(fileno=DIAL)
    # No parent-death signal here: it would come when the *thread* that started us ends.
    try:
        spec = receive(control)
    except EOFError:
        sys.exit(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        if "run" in spec:
            run_container(control, line, spec)
        if spec["isolated"]:
            isolate(spec)
            first = os.fork()
            if first:
                control.close()
                line.close()
                os.close(1)
                os.close(2)
                os.waitpid(first, 0)
                os._exit(0)
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            set_up(spec)
        for egress in spec["egresses"]:
            listen(control, *egress)
        if spec["words"]:
            supervise(control, line, start(spec), spec)
    except (OSError, EOFError) as error:
        send(control, {"failed": str(error)})
        sys.exit(1)


main()
