"""From API v1 to v2: URLs and fields, a scanner for code, and a client that answers calls of v1.

    migrate.url("https://kc.kobotoolbox.org/api/v1/data/474?limit=5")
    migrate.form({"id_string": "aUid", "title": "Wells"})
    migrate.V1Client(client)

The tables behind it are the published ones, put right where the server does something else
(`api-facts §9, §10`).
"""

from kobo_async.migrate.compat import V1Client
from kobo_async.migrate.fields import file, form, user
from kobo_async.migrate.scan import Finding, scan
from kobo_async.migrate.urls import Replacement, url

__all__ = ["Finding", "Replacement", "V1Client", "file", "form", "scan", "url", "user"]
