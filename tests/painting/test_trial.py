"""Whether a graphics card is trusted with paintings."""

import sys
from pathlib import Path

import pytest
import torch

from fakes.apple_gpu import apple_gpu
from impasto import limited
from impasto.painting import trial as trials
from impasto.painting.trial import Verdict, trial, trusted_device, verdict_on

CARD = torch.device("cuda")


@pytest.fixture(autouse=True)
def card(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine that seems to have a card, and remembers nothing of it."""
    monkeypatch.setattr(trials, "available_devices", lambda: ("cuda", "cpu"))
    monkeypatch.setattr(trials, "describe_device", lambda device: "A Card")
    monkeypatch.setattr(trials, "driver_of", lambda device: "1.2")
    monkeypatch.setattr(trials, "folders", lambda: type("Folders", (), {"cache": tmp_path / "cache"}))


def trying(monkeypatch: pytest.MonkeyPatch, program: str) -> list[str]:
    """Have trials run that program; returns where each of them is noted."""
    tried, found = trials._tried, []

    def run(command: list[str], seconds: float) -> Verdict:
        found.append(command[-1])
        return tried([sys.executable, "-c", program], 20 if "sleep" not in program else 0.5)

    monkeypatch.setattr(trials, "_tried", run)
    return found


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("import os; os.abort()", "its driver ended the program"),
        ("import time; time.sleep(60)", "it had not painted a small picture after 0.5 s"),
        ("print('Hello')", "its driver ended the program"),
        ('print(\'{"is_trusted": false, "why": "it is blue"}\')', "it is blue"),
    ],
)
def test_a_card_that_fails_its_trial_leaves_the_painting_to_the_cpu_and_is_tried_once(
    monkeypatch: pytest.MonkeyPatch, program: str, why: str
) -> None:
    tried = trying(monkeypatch, program)
    assert trusted_device().type == "cpu"
    assert trusted_device().type == "cpu"
    assert verdict_on(CARD).why.startswith(why)
    assert tried == ["cuda"]


def test_a_card_that_passes_paints_until_its_driver_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = trying(monkeypatch, "print('noise'); print('{\"is_trusted\": true}')")
    assert trusted_device().type == "cuda"
    assert trusted_device().type == "cuda"
    assert len(tried) == 1
    monkeypatch.setattr(trials, "driver_of", lambda device: "1.3")
    assert trusted_device().type == "cuda"
    assert len(tried) == 2


def test_a_device_that_is_named_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = trying(monkeypatch, "")
    assert trusted_device("cpu").type == "cpu"
    assert not tried


def test_what_is_remembered_may_be_damaged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "cache/devices.json"
    file.parent.mkdir()
    trying(monkeypatch, "print('{\"is_trusted\": true}')")
    for text in ("", "[]", "{", '{"A Card, driver 1.2": 3}'):
        file.write_text(text)
        assert trusted_device().type == "cuda"


def test_a_trial_in_a_process_of_its_own_passes_on_a_sound_device() -> None:
    command = [sys.executable, "-m", "impasto.painting.trial", "cpu"]
    assert trials._tried(command, trials.SECONDS) == Verdict(True)


def test_a_device_that_lacks_something_fails_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with apple_gpu() as device:
        assert trial(device).is_trusted
        limited.LIMITED.discard(device.type)  # as if nobody knew of its limits
        verdict = trial(device)
    assert not verdict.is_trusted
    assert verdict.why.startswith("it failed: ")


def test_a_device_that_paints_something_else_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    painted = trials._painted
    monkeypatch.setattr(
        trials, "_painted", lambda device: painted(torch.device("cpu")) + (9 if device.type == "cuda" else 0)
    )
    verdict = trial(CARD)
    assert not verdict.is_trusted
    assert "differs from the CPU's by 9" in verdict.why
