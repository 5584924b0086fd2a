"""Pictures in flight: bands, credit, order, digests; and frames over pipes."""

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impasto_wire.bands import BAND, MAX_BAND, MAX_MESSAGE, WINDOW, Band, pack_band, unpack_band
from impasto_wire.errors import PictureError, WireError
from impasto_wire.flow import Incoming, Outgoing, collect, outgoing_of
from impasto_wire.pictures import MAX_PIXELS, PictureRef, Pixels, digest_of
from impasto_wire.streams import read_frame, write_frame

JOB = "0123456789abcdef" * 2
DIGEST = "ab" * 32


def picture(size: int) -> tuple[PictureRef, bytes]:
    data = (bytes(range(251)) * (size // 251 + 1))[:size]
    return PictureRef(digest_of(data), size // 4, 1, 4, "u8"), data


@given(st.binary(min_size=1, max_size=200), st.integers(0, 2**63))
@settings(max_examples=50, deadline=None)
def test_a_band_comes_back_as_it_was(payload: bytes, offset: int) -> None:
    band = unpack_band(pack_band(Band(JOB, DIGEST, offset, payload)))
    assert (band.job, band.digest, band.offset, bytes(band.payload)) == (JOB, DIGEST, offset, payload)


def test_a_band_is_mark_job_digest_offset_payload() -> None:
    frame = pack_band(Band(JOB, DIGEST, 258, b"xyz"))
    assert frame == b"\x01" + bytes.fromhex(JOB) + bytes.fromhex(DIGEST) + struct.pack("<Q", 258) + b"xyz"


def test_the_largest_band_fits_into_a_message() -> None:
    assert len(pack_band(Band(JOB, DIGEST, 0, bytes(MAX_BAND)))) <= MAX_MESSAGE


@given(st.binary(max_size=100))
@settings(max_examples=200, deadline=None)
def test_noise_is_no_band_or_one_with_its_fields(noise: bytes) -> None:
    try:
        band = unpack_band(noise)
    except WireError:
        return
    assert pack_band(band) == noise


@pytest.mark.parametrize("size", [4, BAND - 4, BAND, BAND + 4, 3 * BAND + 8, (2 * WINDOW + 3) * BAND])
def test_a_picture_arrives_whole_by_credit_alone(size: int) -> None:
    ref, data = picture(size)
    outgoing, (incoming, received) = outgoing_of(JOB, ref, data), collect(ref)
    outgoing.allow(WINDOW)
    most = 0
    while not incoming.is_complete:
        frames = list(outgoing.frames())
        assert frames, "it must never wait for credit that never comes"
        most = max(most, len(frames))
        for frame in frames:
            if credit := incoming.take(unpack_band(frame)):
                outgoing.allow(credit)
    assert outgoing.is_done
    assert b"".join(received) == data
    assert most <= WINDOW


def test_a_sender_without_credit_sends_nothing() -> None:
    ref, data = picture(400)
    outgoing = outgoing_of(JOB, ref, data)
    assert list(outgoing.frames()) == []
    assert not outgoing.is_begun
    for bands in (0, -1):
        with pytest.raises(WireError):
            outgoing.allow(bands)


def test_credit_does_not_pile_up_without_end() -> None:
    ref, data = picture(100 * BAND)
    outgoing = outgoing_of(JOB, ref, data)
    for _ in range(1000):
        outgoing.allow(2**53)
    assert len(list(outgoing.frames())) == Outgoing.MOST_CREDIT


def test_a_receiver_refuses_what_comes_out_of_turn() -> None:
    ref, data = picture(400)
    for offsets in ((100,), (0, 0), (0, 200), (0, 50)):
        incoming, _ = collect(ref)
        *right, wrong = offsets
        for offset in right:
            incoming.take(Band(JOB, ref.digest, offset, data[offset : offset + 100]))
        with pytest.raises(WireError, match="offset"):
            incoming.take(Band(JOB, ref.digest, wrong, data[wrong : wrong + 100]))


def test_a_receiver_refuses_more_than_was_announced() -> None:
    ref, data = picture(400)
    with pytest.raises(WireError, match="400"):
        collect(ref)[0].take(Band(JOB, ref.digest, 0, data + b"x"))


def test_a_receiver_renews_the_credit_that_was_used() -> None:
    ref, data = picture(400)
    incoming = Incoming(ref, lambda _: None)
    renewed = sum(incoming.take(Band(JOB, ref.digest, number, data[number : number + 1])) for number in range(WINDOW))
    assert renewed == WINDOW


def test_a_receiver_checks_the_digest() -> None:
    ref, data = picture(400)
    with pytest.raises(WireError, match="digest"):
        collect(ref)[0].take(Band(JOB, ref.digest, 0, b"?" + data[1:]))


@given(st.lists(st.binary(max_size=1000), max_size=5))
@settings(max_examples=50, deadline=None)
def test_frames_over_a_pipe_come_back_one_by_one(frames: list[bytes]) -> None:
    pipe = io.BytesIO()
    for frame in frames:
        write_frame(pipe, frame)
    pipe.seek(0)
    assert [read_frame(pipe) for _ in frames] == frames
    assert read_frame(pipe) is None


@given(st.binary(max_size=1000), st.integers(1, 1003))
@settings(max_examples=50, deadline=None)
def test_a_pipe_cut_off_in_mid_frame_is_noticed(frame: bytes, cut: int) -> None:
    pipe = io.BytesIO()
    write_frame(pipe, frame)
    short = io.BytesIO(pipe.getvalue()[: min(cut, len(frame) + 3)])
    with pytest.raises(WireError, match="cut off"):
        read_frame(short)


def test_a_frame_over_a_pipe_has_a_greatest_length() -> None:
    with pytest.raises(WireError, match=str(MAX_MESSAGE)):
        read_frame(io.BytesIO(struct.pack("<I", MAX_MESSAGE + 1)))


def test_a_picture_knows_its_size_in_bytes() -> None:
    assert PictureRef("0" * 64, 3, 2, 4, "u8").size == 24
    assert PictureRef("0" * 64, 3, 2, 3, "u16").size == 36
    assert PictureRef("0" * 64, 3, 2, 1, "float").size == 24


@pytest.mark.parametrize(
    ("width", "height", "channels", "digest", "match"),
    [
        (0, 1, 4, "0" * 64, "0x1"),
        (1, -1, 4, "0" * 64, "at least 1"),
        (MAX_PIXELS, 2, 4, "0" * 64, "gigapixel"),
        (1, 1, 2, "0" * 64, "channels"),
        (1, 1, 4, "0" * 63, "64"),
        (1, 1, 4, "X" * 64, "64"),
    ],
)
def test_impossible_pictures_are_refused(width: int, height: int, channels: int, digest: str, match: str) -> None:
    with pytest.raises(PictureError, match=match):
        PictureRef(digest, width, height, channels, "u8")


def test_pixels_that_do_not_fit_their_shape_have_no_name() -> None:
    with pytest.raises(PictureError, match="needs 24"):
        Pixels(3, 2, 4, "u8", bytes(23)).ref()
