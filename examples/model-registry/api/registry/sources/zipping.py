"""One archive of many files, made while it is sent: never more than a block in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator

EPOCH = (1980, 1, 1, 0, 0, 0)


class _Sink(io.RawIOBase):
    """Takes what zipfile writes and gives it away again."""

    def __init__(self) -> None:
        self.blocks: list[bytes] = []
        self.at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        block = bytes(data)  # type: ignore[call-overload]
        self.blocks.append(block)
        self.at += len(block)
        return len(block)

    def tell(self) -> int:
        return self.at

    def taken(self) -> bytes:
        found, self.blocks = b"".join(self.blocks), []
        return found


def archive(files: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """Yield a zip of files, uncompressed: weights do not compress, and size stays size."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED, allowZip64=True) as made:
        for path, blocks in files:
            with made.open(zipfile.ZipInfo(path, EPOCH), "w", force_zip64=True) as entry:
                for block in blocks:
                    entry.write(block)
                    yield sink.taken()
    yield sink.taken()
