"""A client written from PROTOCOL.md alone: nothing of the project is imported in it."""

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from fakes.engine import PATIENCE, EngineHome

CLIENT = """
import hashlib, json, os, stat, struct, sys, zmq

path, width, height = sys.argv[1], 900, 700
assert not stat.S_IMODE(os.stat(path).st_mode) & 0o077
connection = json.load(open(path))
dealer = zmq.Context().socket(zmq.DEALER)
dealer.linger, dealer.reconnect_ivl, dealer.rcvtimeo = 0, -1, 20_000
dealer.curve_serverkey = connection["server_key"].encode()
dealer.curve_publickey = connection["client_key"].encode()
dealer.curve_secretkey = connection["client_secret"].encode()
dealer.connect(connection["endpoint"])

def say(kind, **fields):
    dealer.send(json.dumps({"type": kind, **fields}).encode())

def reference(samples, width, height, channels):
    digest = hashlib.blake2b(samples, digest_size=32).hexdigest()
    return {"digest": digest, "width": width, "height": height, "channels": channels, "samples": "u8"}

layer, style = os.urandom(width * height * 4), os.urandom(16 * 16 * 4)
layer_reference, style_reference = reference(layer, width, height, 4), reference(style, 16, 16, 4)
held = {layer_reference["digest"]: layer, style_reference["digest"]: style}
sent, result, wanted = {}, b"", None
job = os.urandom(16).hex()

say("Hello", protocol=1, client="from the page")
while True:
    frame = dealer.recv()
    if frame[:1] == b"\\x01":
        name, digest, offset = frame[1:17].hex(), frame[17:49].hex(), struct.unpack("<Q", frame[49:57])[0]
        if digest != wanted["digest"]:
            continue
        assert name == job and offset == len(result)
        result += frame[57:]
        say("Credit", job=job, digest=digest, bands=1)
        if len(result) == width * height * 3:
            break
        continue
    message = json.loads(frame)
    kind = message["type"]
    if kind == "Welcome" and not sent:
        sent["submitted"] = True
        say("Submit", job=job, purpose="final", settings={"strength": 0.7}, layer=layer_reference,
            styles=[{"picture": style_reference, "weight": 1}])
    elif kind in ("Need", "Credit"):
        digest = message["digest"]
        for _ in range(message["bands"]):
            offset = sent.get(digest, 0)
            payload = held[digest][offset : offset + (512 << 10)]
            if payload:
                dealer.send(b"\\x01" + bytes.fromhex(job) + bytes.fromhex(digest) + struct.pack("<Q", offset) + payload)
            sent[digest] = offset + len(payload)
    elif kind == "Finished":
        wanted = message["picture"]
        assert (wanted["width"], wanted["height"], wanted["channels"]) == (width, height, 3)
        say("Credit", job=job, digest=wanted["digest"], bands=8)
    elif kind == "Failed":
        sys.exit(message["message"])
assert hashlib.blake2b(result, digest_size=32).hexdigest() == wanted["digest"]
assert result == bytes(255 - value for place, value in enumerate(layer) if place % 4 != 3)
print("painted")
"""


def test_a_client_can_be_written_from_the_page(home: EngineHome, tmp_path: Path) -> None:
    script = tmp_path / "client.py"
    script.write_text(CLIENT)
    done = subprocess.run(
        [sys.executable, script, home.connection_file], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (done.stdout, done.stderr) == ("painted\n", "")


def test_the_page_names_every_message_field_setting_and_code(checkout: Path) -> None:
    from impasto_wire import PROTOCOL, errors
    from impasto_wire.codec import FROM_ENGINE, TO_ENGINE
    from impasto_wire.settings import ranges

    page = (checkout / "gimp_plugin/impasto-filter/impasto_wire/PROTOCOL.md").read_text(encoding="utf-8")
    assert f"version {PROTOCOL}\n" in page
    for kinds in (TO_ENGINE, FROM_ENGINE):
        for name, kind in kinds.items():
            [*_, row] = [
                line for line in page.splitlines() if line.startswith("|") and f"`{name}`" in line.split("|")[1]
            ]
            missing = [field.name for field in fields(kind) if f"`{field.name}`" not in row]
            assert not missing, f"{name}: {missing}"
    for word in (*ranges(), *(code for code in errors._BY_CODE if code != "error")):
        assert f"`{word}`" in page, word
