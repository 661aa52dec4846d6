"""botocore's data files, read once in this process.

moto makes a session of its own three times while it is imported, and each reads the list of all
regions again (botocore keeps what it read by session): 0.4 of the 1.4 seconds of CPU in which an
emulator starts.
"""

from __future__ import annotations

from functools import cache

import botocore.session

# Every session of this process reads through one loader for each search path.
botocore.session.create_loader = cache(botocore.session.create_loader)
