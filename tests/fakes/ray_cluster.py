"""A real Ray cluster on the loopback, its machines being processes of this one, with token authentication.

`python -m fakes.ray_cluster TOKEN_FILE FOLDER` is the process that holds it; it ends with whoever started it.
"""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""What keeps Ray on the loopback, on every system."""
TESTS = Path(__file__).resolve().parent.parent


class RayCluster:
    """A head that paints nothing; machines come and go."""

    def __init__(self, folder: Path) -> None:
        self.token_file = folder / "token"
        self.token_file.write_text(secrets.token_hex(32))
        self.token_file.chmod(0o600)
        command = [sys.executable, "-m", "fakes.ray_cluster", str(folder / "ray")]
        environment = {**os.environ, **self.environment, "PYTHONPATH": _path(str(TESTS))}
        self._log = (folder / "cluster.log").open("wb")
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True
        )
        self.address: str = self._answer()

    @property
    def environment(self) -> dict[str, str]:
        """What lets a process in."""
        return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(self.token_file), **LOOPBACK}

    def add(self, name: str, cpus: int = 1, path: Path | None = None) -> None:
        """A machine, whose Python looks into `path` first."""
        self._ask(do="add", name=name, cpus=cpus, path=_path(str(path)) if path else None)

    def kill(self, name: str) -> None:
        """Every process of a machine, at once; back when the head knows that it has gone."""
        self._ask(do="kill", name=name)

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(60)
        self._log.close()

    def _ask(self, **order: Any) -> str:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout
        while line := self._process.stdout.readline():
            if line.startswith("cluster: "):
                return line.removeprefix("cluster: ").strip()
        raise AssertionError(f"the cluster has ended: {Path(self._log.name).read_text()[-2000:]}")


def _path(first: str) -> str:
    return os.pathsep.join(filter(None, [first, os.environ.get("PYTHONPATH")]))


def _say(answer: str) -> None:
    print(f"cluster: {answer}", flush=True)


def main() -> None:
    """Hold the cluster until standard input ends."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["RAY_TMPDIR"] = str(
        Path(sys.argv[1]).parent
    )  # else the address goes to /tmp/ray, which may not be there
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 0, "include_dashboard": False, "temp_dir": sys.argv[1], "include_log_monitor": False}
    cluster = Cluster(initialize_head=True, shutdown_at_exit=True, head_node_args=head)
    nodes = {}
    _say(cluster.address)
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "add":
            path = {"PYTHONPATH": order["path"]} if order["path"] else {}
            nodes[order["name"]] = cluster.add_node(num_cpus=order["cpus"], env_vars=path)
        else:
            cluster.remove_node(nodes.pop(order["name"]), allow_graceful=False)
            cluster.wait_for_nodes()  # until the head knows, too
        _say("done")
    cluster.shutdown()


if __name__ == "__main__":
    main()
