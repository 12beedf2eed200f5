"""A loop that follows `next`, with requests, as the migration guide recommends."""

from __future__ import annotations

import requests

from contestants import PAGE_SIZE, TOKEN, Job, Seen


def fetch(job: Job) -> Seen:
    """Read page after page, with or without a session that keeps the connection."""
    headers = {"Authorization": f"Token {TOKEN}"}
    get = requests.Session().get if job.options.get("session") else requests.get
    rows = ids = 0
    url = f"{job.url}{job.path}?limit={PAGE_SIZE}"
    while url:
        response = get(url, headers=headers, timeout=120)
        response.raise_for_status()
        page = response.json()
        for row in page["results"]:
            rows += 1
            ids += row["_id"]
        url = page["next"]
    return Seen(rows, ids)
