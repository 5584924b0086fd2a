"""Fine, compared with the best picture among other programs. One JSON line.

    python tests/benchmarks/versus_best.py [--save FOLDER]

The peer is crowsonkb/style-transfer-pytorch at its defaults, about 40 minutes at 512 px on two cores; its picture of
tubingen and the_scream lies in `tests/data/images`. Judged by SqueezeNet, with the short side brought to 256 pixels and
at full size. Compare with the detail whose distance from the content is nearest to the peer's.
"""

import argparse
import json
import time
from pathlib import Path

from judge import Judge
from PIL import Image

from impasto.backbones import load_backbone
from impasto.devices import choose_device, describe_device
from impasto_wire.settings import Settings
from pictures import Pixels, painted, picture, short_side

PAIR = ("tubingen", "the_scream")
PEER = "tubingen-the_scream-style-transfer-pytorch"
DETAILS = (0.5, 0.75, 1.0)
JUDGED_AT = 256


def main() -> None:
    """Paint and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quality", default="fine")
    parser.add_argument("--details", nargs="+", type=float, default=DETAILS)
    parser.add_argument("--save", type=Path, metavar="FOLDER")
    chosen = parser.parse_args()
    if chosen.save:
        chosen.save.mkdir(parents=True, exist_ok=True)
    photo, style = picture(PAIR[0], 512), picture(PAIR[1])
    device = choose_device()
    judge, backbone = Judge(), load_backbone("vgg19", device)

    def verdicts(result: Pixels) -> dict[str, dict[str, float]]:
        small = judge(*(short_side(pixels, JUDGED_AT) for pixels in (result, photo, style)))
        return {"at 256": small.rounded(), "at full size": judge(result, photo, style).rounded()}

    ours = {}
    for detail in chosen.details:
        started = time.perf_counter()
        settings = Settings(quality=chosen.quality, detail=detail)
        result = painted(photo, style, settings, backbone)
        ours[f"detail {detail}"] = {"seconds": round(time.perf_counter() - started, 1), **verdicts(result)}
        if chosen.save:
            Image.fromarray(result).save(chosen.save / f"best-{detail}.png")
    figures = {"benchmark": "versus_best", "device": describe_device(device), "judge": judge.name}
    print(json.dumps({**figures, "peer": verdicts(picture(PEER)), "ours": ours}))


if __name__ == "__main__":
    main()
