"""The checks of inside/, run one after the other in one gimp-console while other tests run."""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from gimp.real_gimp import RealGimp

COMMAND = (
    "exec gimp-console -i -d --batch-interpreter=python-fu-eval "
    "-b \"exec(open('/impasto/inside/runner.py').read())\" --quit >{said} 2>&1"
)
PATIENCE = 120.0
"""Seconds that one check may take on a busy machine."""
SAID = 3000
"""Characters of what GIMP wrote last."""


class Check(NamedTuple):
    """A function of a file in inside/."""

    file: str
    name: str


@dataclass
class Console:
    """Checks, and what each has found when it is over. Where GIMP dies in one, a new GIMP goes on with the rest."""

    gimp: RealGimp
    checks: Sequence[Check]
    hides: Mapping[str, str] = field(default_factory=dict)
    """The folder that GIMP can't see while it runs a file's checks."""
    patience: float = PATIENCE
    starts: int = 0
    """How many times GIMP had to be started."""
    _found: "dict[Check, Future[str | None]]" = field(init=False)
    _thread: threading.Thread = field(init=False)
    _is_over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> "Console":
        """Have the checks run from now on."""
        self._found = {check: Future() for check in self.checks}
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def stop(self) -> None:
        """End GIMP, whatever is still to be checked."""
        self._is_over.set()
        self._thread.join()

    def found(self, check: Check) -> str | None:
        """What the check found: a traceback, or None where all is well."""
        return self._found[check].result()

    @property
    def _left(self) -> list[Check]:
        return [check for check, found in self._found.items() if not found.done()]

    def _run(self) -> None:
        try:
            while (left := self._left) and not self._is_over.is_set():
                hidden = self.hides.get(left[0].file, "")
                shared = [check for check in left if self.hides.get(check.file, "") == hidden]
                why = self._run_session(shared, hidden)
                unanswered = [check for check in shared if not self._found[check].done()]
                if unanswered and not self._is_over.is_set():
                    self._found[unanswered[0]].set_result(why)
        except BaseException as error:
            for check in self._left:
                self._found[check].set_exception(error)

    def _run_session(self, checks: Sequence[Check], hidden: str) -> str:
        """Run checks in one GIMP until it ends: why it did, for the check in which it did."""
        self.starts += 1
        profile = self.gimp.new_profile("console")
        inside, answers, said = f"/impasto/{profile.name}", profile / "answers", profile / "said"
        (profile / "home").mkdir()
        (profile / "checks.json").write_text(json.dumps(checks), encoding="utf-8")
        answers.touch()
        environment = {"GIMP3_DIRECTORY": inside, "HOME": f"{inside}/home"}
        command = ["sh", "-c", COMMAND.format(said=f"{inside}/said")]
        root = replace(self.gimp.root, hides=hidden)
        with root.start(command, environment=environment) as process:
            answered, end = 0, time.monotonic() + self.patience
            why = f"the check takes longer than {self.patience:g} s"
            while time.monotonic() < end and not self._is_over.wait(0.1):
                has_ended = process.poll() is not None
                lines = answers.read_text(encoding="utf-8").split("\n")[:-1]
                for line in lines[answered:]:
                    self._note(json.loads(line))
                if len(lines) > answered:
                    answered, end = len(lines), time.monotonic() + self.patience
                if has_ended:
                    why = f"GIMP has ended with {process.returncode}"
                    break
        return f"{why}; it said:\n{_end_of(said)}"

    def _note(self, answer: dict[str, str | None]) -> None:
        self._found[Check(str(answer["file"]), str(answer["check"]))].set_result(answer["wrong"])


def _end_of(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")[-SAID:] if file.exists() else ""
