"""Jobs that write to MongoDB, at the address that a world has for it."""

from __future__ import annotations

import gc

import anyio

from kobo_async.sinks.mongo import Mongo
from kobo_async.sinks.mongo_mirror import MongoMirror
from tests.chaos.jobs import Job
from tests.chaos.leaks import SOON, Held
from tests.chaos.worlds import World

# The driver forgets the socket of a monitor that is stopped while it connects.
FORGOTTEN = "ignore:unclosed <socket:ResourceWarning"


async def all_forgotten(before: Held) -> None:
    """Collect sockets that the driver forgot, where the warning is ignored."""
    gc.collect()
    with anyio.move_on_after(SOON):
        while Held.now().more_than(before):
            await anyio.sleep(0.02)
            gc.collect()


async def rows_into_mongodb(world: World) -> None:
    pages = world.client.submissions.pages(world.form.uid, page_size=5)
    async with pages as read, Mongo(world.mongodb, "rows") as sink:
        async for rows in read:
            await sink.write(rows)


async def follow_in_mongodb(world: World) -> None:
    uid, (number, *_) = world.form.uid, world.ids
    async with MongoMirror(world.mongodb, uid, collection="rows") as mirror:
        await world.client.sync.run(uid, mirror)
        await world.client.sync.take(uid, mirror, [world.form.rows[number]["_uuid"]])
        assert await mirror.count() == len(world.ids)
        assert len(await mirror.known(0, 5)) == 5


IN_MONGODB: dict[str, Job] = {
    "rows into MongoDB": rows_into_mongodb,
    "sync in MongoDB": follow_in_mongodb,
}
