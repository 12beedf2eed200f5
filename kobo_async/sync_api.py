"""For scripts and notebooks: `from kobo_async.sync_api import Kobo`, and no `await` anywhere.

The types of all its methods stand in the stub beside this file, which is written by
`dev/sync_stub.py`.
"""

from kobo_async.blocking.kobo import Kobo

__all__ = ["Kobo"]
