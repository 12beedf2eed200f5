"""Packed bodies, by either library, in whatever pieces they come."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.errors import ConnectionLost
from kobo_async.transport import inflate
from kobo_async.transport.inflate import LARGEST_PIECE, Inflater

LARGE = bytes(range(256)) * 40_000
HEADLESS = zlib.compressobj(wbits=-15)
PACKED = {
    "gzip": gzip.compress(LARGE),
    "deflate": zlib.compress(LARGE),
    "headless": HEADLESS.compress(LARGE) + HEADLESS.flush(),
}


@pytest.fixture(params=["isal", "zlib"], autouse=True)
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if request.param == "zlib":
        monkeypatch.setitem(sys.modules, "isal.isal_zlib", None)
    else:
        pytest.importorskip("isal")
    inflate.library.cache_clear()
    yield request.param
    inflate.library.cache_clear()


def unpacked(packing: str, *packed: bytes) -> Iterator[bytes]:
    inflater = Inflater(packing, "GET /x/")
    for one in packed:
        yield from inflater.pieces(one)
    yield from inflater.finish()


def test_the_faster_library_is_used_where_it_is_there(library: str) -> None:
    assert inflate.library().__name__.partition(".")[0] == library


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("size", [1, 7, 1000, 10**9])
def test_bodies_come_out_whole(name: str, size: int) -> None:
    packed = PACKED[name]
    cut = [packed[start : start + size] for start in range(0, len(packed), size)]
    packing = "gzip" if name == "gzip" else "deflate"
    assert b"".join(unpacked(packing, *cut)) == LARGE


def test_any_body_in_any_pieces_comes_out_whole() -> None:
    @given(st.lists(st.binary(max_size=3000), max_size=5), st.integers(1, 500))
    def holds(parts: list[bytes], size: int) -> None:
        body = b"".join(part * 50 for part in parts)
        packed = gzip.compress(body)
        cut = [packed[start : start + size] for start in range(0, len(packed), size)]
        assert b"".join(unpacked("gzip", *cut)) == body

    holds()


def test_no_piece_is_large_however_much_it_was_packed() -> None:
    bomb = gzip.compress(bytes(64 * LARGEST_PIECE))
    sizes = [len(piece) for piece in unpacked("gzip", bomb)]
    assert sum(sizes) == 64 * LARGEST_PIECE
    assert max(sizes) <= LARGEST_PIECE


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("left", [1, 50, 1000])
def test_a_body_that_is_cut_off_is_noticed(name: str, left: int) -> None:
    with pytest.raises(ConnectionLost, match="GET /x/: the packed reply broke off"):
        b"".join(unpacked("gzip" if name == "gzip" else "deflate", PACKED[name][:left]))


@pytest.mark.parametrize("packing", ["gzip", "deflate"])
def test_what_is_not_packed_is_noticed(packing: str) -> None:
    with pytest.raises(ConnectionLost, match="GET /x/: not packed as it says"):
        b"".join(unpacked(packing, b"\xff\xfe plain text", b"more of it"))


def test_damage_in_the_middle_is_noticed() -> None:
    packed = bytearray(gzip.compress(LARGE[:5000]))
    packed[-6] ^= 0xFF
    with pytest.raises(ConnectionLost):
        b"".join(unpacked("gzip", bytes(packed)))


def test_no_body_is_none() -> None:
    assert b"".join(unpacked("gzip")) == b""
    assert b"".join(unpacked("deflate", b"", b"")) == b""


def test_a_body_that_is_cut_anywhere_is_lost_and_never_longer():
    whole = bytes(LARGEST_PIECE * 3 // 2)
    packed = gzip.compress(whole)
    for end in range(20, len(packed), 3):
        inflater = Inflater("gzip", "GET /x/")
        got = list(inflater.pieces(packed[:end]))
        with pytest.raises(ConnectionLost):
            got.extend(inflater.finish())
        assert whole.startswith(b"".join(got))
