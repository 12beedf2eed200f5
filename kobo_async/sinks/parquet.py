"""Tables as Parquet: a file for each, or folders of files by month or by an answer.

Row groups hold some ten thousand rows. Columns keep their types, the order of their choices and
their labels: what pyarrow, pandas, polars and DuckDB read is what was written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

from kobo_async.errors import ConfigError
from kobo_async.extras import needed
from kobo_async.forms.columns import Batch, Layout
from kobo_async.sinks.base import Draft, FileSink, Target, beside
from kobo_async.sinks.folders import Folder, is_folder
from kobo_async.sinks.names import file_parts
from kobo_async.sinks.partitions import Partition
from kobo_async.sinks.pile import Pile

with needed("arrow"):
    import pyarrow as pa
    import pyarrow.parquet as pq


class Parquet(FileSink):
    """A Parquet file for each table.

    `data.parquet` gets the submissions, and each repeat a file beside it: `data.members.parquet`.
    A target without a suffix, or one that ends with a slash, is a folder with a file for each
    table under its name. Files that are there already are replaced.

    Args:
        target: path or address of the file or the folder.
        layout: the tables.
        compression: what Parquet knows: `zstd`, `snappy`, `gzip`, `none`.
        partition_by: column of the submissions that divides them into folders, such as
            `<table>/submission_time_month=2026-11/`: times and dates by month, anything else by
            value. The folder must be new or empty.
        part: name of one of the parts that several processes write into one folder: the files are
            `<table>/<part>.parquet`. They take the place of all that stood there of that part.

    Raises:
        ConfigError: where no file can be, and for a column that nothing can be divided by.
    """

    def __init__(
        self,
        target: Target,
        layout: Layout,
        *,
        compression: str = "zstd",
        partition_by: str | None = None,
        part: str = "",
    ) -> None:
        self._partition = Partition(layout, partition_by) if partition_by else None
        self._folder = Folder(target) if partition_by or part or is_folder(target) else None
        self._part = part
        self._named: set[str] = set()
        names = [table.name for table in layout.tables]
        self._files = dict(zip(names, file_parts(names), strict=True))
        repeats = [beside(target, self._files[name]) for name in names[1:] if not self._folder]
        super().__init__(*(() if self._folder else (target, *repeats)))
        self._pile = Pile(layout)
        self._compression = compression
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._numbers = count()

    async def write(self, batches: Sequence[Batch], /) -> None:
        """Take some more submissions: the batches of all their tables."""
        if self._pile.add(batches):
            await self._flush()

    async def _begin(self) -> None:
        await self._run(self._sweep, f".{self._part}")
        if self._partition:
            if self._folder and not self._part and not await self._run(self._folder.is_empty):
                raise ConfigError(f"{self._folder.name} is not empty: name a new folder")
            return
        schemas = self._pile.arrow.schemas
        for name in schemas if self._folder else ():
            steps = (self._files[name], self._part) if self._part else (self._files[name],)
            await self._add_inside(*steps)
        for draft, (name, schema) in zip(self._drafts, schemas.items(), strict=True):
            self._writers[name] = self._writer(draft, schema)

    def _writer(self, draft: Draft, schema: pa.Schema) -> pq.ParquetWriter:
        pool = self._pile.arrow.pool
        return pq.ParquetWriter(draft.file, schema, compression=self._compression, memory_pool=pool)

    async def _flush(self) -> None:
        pieces = self._pile.take()
        if self._partition:
            await self._scatter(self._partition, pieces)
        else:
            await self._turns.leave(self._append, pieces)

    def _append(self, pieces: Mapping[str, pa.Table]) -> None:
        for name, piece in pieces.items():
            self._writers[name].write_table(piece)

    async def _scatter(self, partition: Partition, pieces: Mapping[str, pa.Table]) -> None:
        number = f"{self._part or 'part'}-{next(self._numbers)}"
        for name, folder, rows in partition.split(pieces):
            draft = await self._add_inside(self._files[name], folder, number)
            await self._run(self._whole, draft, rows)

    async def _add_inside(self, *steps: str) -> Draft:
        """Open a file in the folder."""
        assert self._folder
        name = "/".join(steps) + ".parquet"
        self._named.add(name)
        return await self._add(self._folder.file(*name.split("/")))

    def _whole(self, draft: Draft, rows: pa.Table) -> None:
        with self._writer(draft, rows.schema) as writer:
            writer.write_table(rows)
        draft.seal()

    async def _finish(self) -> None:
        await self._flush()
        await self._run(self._undo)
        await self._run(self._sweep, f"{self._part}-")

    def _sweep(self, prefix: str) -> None:
        """Remove what earlier attempts left of this part, and this one does not replace."""
        if self._folder and self._part:
            for name in [*self._folder.names()]:
                if name not in self._named and name.rpartition("/")[2].startswith(prefix):
                    self._folder.remove(name)

    def _undo(self) -> None:
        for writer in self._writers.values():
            writer.close()

    def _discard_all(self) -> None:
        super()._discard_all()
        if self._folder and not self._part:  # others may be about to use its folders
            self._folder.clean()
