"""A loop that follows `next`, with requests, as the migration guide recommends.

Options: `session` keeps the connection, `pause` is how many seconds a page takes its reader.
"""

from __future__ import annotations

import time

import requests

from contestants import PAGE_SIZE, TOKEN, Job, Seen


def fetch(job: Job) -> Seen:
    """Read page after page, with or without a session that keeps the connection."""
    headers = {"Authorization": f"Token {TOKEN}"}
    get = requests.Session().get if job.options.get("session") else requests.get
    pause = job.options.get("pause", 0.0)
    rows = ids = 0
    url = f"{job.url}{job.path}?limit={PAGE_SIZE}"
    while url:
        response = get(url, headers=headers, timeout=120, verify=job.ca or True)
        response.raise_for_status()
        page = response.json()
        for row in page["results"]:
            rows += 1
            ids += row["_id"]
        time.sleep(pause)
        url = page["next"]
    return Seen(rows, ids)
