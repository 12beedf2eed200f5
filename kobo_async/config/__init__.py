"""Settings, and where they come from: arguments > environment > file > keyring > preset.

A profile that is named by argument counts as an argument; one that is named by the environment,
or is the default of the file, does not.

Environment: `KOBO_URL`, `KOBO_TOKEN`, `KOBO_USERNAME` and `KOBO_PASSWORD`, `KOBO_BEARER`,
`KOBO_PROFILE`, `KOBO_CONFIG` (path of the file), `KOBO_OPENROSA`,
`KOBO_ALLOW_HTTP`, `KOBO_HTTP`.

The file is TOML, by default `kobo-async/config.toml` in the user's configuration folder:

    default = "work"

    [profiles.work]
    server = "eu"                  # a preset, or an address
    token_file = "~/.kobo-token"   # or token = "…"

The keyring of the system has tokens for servers, put there by `kobo-async login` (extra `keyring`).
"""

from kobo_async.config.addresses import (
    LOOPBACK,
    PRESETS,
    leaves_unencrypted,
    normalised,
)
from kobo_async.config.credentials import (
    Anonymous,
    Bearer,
    Credentials,
    Password,
    Secret,
    Token,
)
from kobo_async.config.settings import (
    BreakerPolicy,
    Concurrency,
    HttpLibrary,
    RetryPolicy,
    Settings,
    Timeouts,
)
from kobo_async.config.sources import config_path, load

__all__ = [
    "LOOPBACK",
    "PRESETS",
    "Anonymous",
    "Bearer",
    "BreakerPolicy",
    "Concurrency",
    "Credentials",
    "HttpLibrary",
    "Password",
    "RetryPolicy",
    "Secret",
    "Settings",
    "Timeouts",
    "Token",
    "config_path",
    "leaves_unencrypted",
    "load",
    "normalised",
]
