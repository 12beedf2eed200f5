"""Jobs too large for one machine, cut into units that any machine can do, in any order.

    todo = await plan_tables(client, uid, "s3://bucket/wells")
    done = [await run(unit, client) for unit in todo.units]
    print(summed_up(todo, done).total)

Plans, units and what was done are values: they travel as JSON or pickled, and hold no secrets.
"""

from __future__ import annotations

from kobo_async.units.plan import Plan, Unit
from kobo_async.units.planning import plan_attachments, plan_rows, plan_tables
from kobo_async.units.report import Broken, Done, PlanReport, summed_up
from kobo_async.units.running import run

__all__ = [
    "Broken",
    "Done",
    "Plan",
    "PlanReport",
    "Unit",
    "plan_attachments",
    "plan_rows",
    "plan_tables",
    "run",
    "summed_up",
]
