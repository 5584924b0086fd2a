"""Frames over a process's own streams, which nobody else in the process touches any more."""

import subprocess
import sys

from impasto_wire.streams import read_frame, write_frame

ECHO = """
import os, threading
from impasto_wire.streams import own_stdin, own_stdout, read_frame, write_frame
stream, pipe = own_stdin(), own_stdout()
threading.Thread(target=lambda: write_frame(pipe, read_frame(stream)), daemon=True).start()
print("left on standard input:", os.read(0, 100), flush=True)
write_frame(pipe, b"ready")
threading.Event().wait()
"""


def test_frames_have_the_streams_for_themselves() -> None:
    """While one thread waits for a frame, a library that looks at standard input doesn't wait for that thread."""
    process = subprocess.Popen(
        [sys.executable, "-c", ECHO], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        assert read_frame(process.stdout) == b"ready"
        write_frame(process.stdin, b"a frame")
        assert read_frame(process.stdout) == b"a frame"
        process.kill()
        assert process.stderr.read().strip() == b"left on standard input: b''"
