"""Has TensorBoard read an event file that src/algorithms/logging/tensorboard.ts wrote, and pins the file's bytes.

    pip install tensorboard==2.21.0
    python benchmarks/golden/event_file.py        (from the repository root; writes tensorboard.golden.json)
"""

import base64
import json
import math
import subprocess
import tempfile
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

SCALARS = [
    {"step": 0, "time": 1700000000.0, "metrics": {"critic/loss": 0.5, "policy/loss": -1.25}},
    {"step": 100, "time": 1700000001.5, "metrics": {"critic/loss": 0.25, "policy/loss": -1e30}},
    {"step": 5_000_000_000, "time": 1700000002.25, "metrics": {"critic/loss": 0.1, "évaluation": 3}},
]
WRITE = """
import { openEventFile } from "./src/algorithms/logging/tensorboard.ts";
const [path, text] = process.argv.slice(1);
const scalars = JSON.parse(text);
const times = scalars.map((it) => it.time);
const log = openEventFile(path, { clock: () => times.shift() });
for (const { step, metrics } of scalars) log.write(step, metrics);
log.close();
"""

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "events.out.tfevents.golden"
    node = ["node_modules/.bin/node", "--input-type=module-typescript", "-e", WRITE, str(path), json.dumps(SCALARS)]
    subprocess.run(node, check=True)
    read = EventAccumulator(folder)
    read.Reload()
    seen = {(tag, e.step): (e.wall_time, e.value) for tag in read.Tags()["scalars"] for e in read.Scalars(tag)}
    wanted = {(tag, it["step"]): (it["time"], value) for it in SCALARS for tag, value in it["metrics"].items()}
    assert seen.keys() == wanted.keys(), (seen, wanted)
    for key, (time, value) in wanted.items():
        assert seen[key][0] == time and math.isclose(seen[key][1], value, rel_tol=1e-6), (key, seen[key], wanted[key])
    golden = {"scalars": SCALARS, "file": base64.b64encode(path.read_bytes()).decode()}
    Path("src/algorithms/logging/tensorboard.golden.json").write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n")
    print(f"TensorBoard read {len(seen)} scalars as they were written.")
