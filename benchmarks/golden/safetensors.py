"""Golden file of src/tensor/safetensors.ts, written by the format's own package; and a check of a file of ours.

pip install safetensors numpy; python benchmarks/golden/safetensors.py [file written by saveTree]
"""

import base64
import json
import sys
from pathlib import Path

sys.path = [p for p in sys.path if Path(p).resolve() != Path(__file__).parent]  # this file has the package's name
import numpy as np
from safetensors import safe_open
from safetensors.numpy import save

arrays = {
    "critic/params/0/weight": np.arange(6, dtype=np.float32).reshape(2, 3) / 4,
    "critic/params/0/bias": np.array([-1.5, np.inf, 1e-40], dtype=np.float32),
    "critic/step": np.array(7, dtype=np.int32),
    "moments": np.array([np.pi, -0.0], dtype=np.float64),
    "ids": np.array([2**53 + 1, -1], dtype=np.int64),
    "mask": np.array([True, False, True]),
    "empty": np.zeros((0, 4), dtype=np.float32),
}
metadata = {"method": "iql", "note": 'a "quoted" ünïcode note'}

if len(sys.argv) > 1:
    with safe_open(sys.argv[1], framework="numpy") as file:
        assert file.metadata() == metadata, file.metadata()
        assert set(file.keys()) == set(arrays), file.keys()
        for name, array in arrays.items():
            ours = file.get_tensor(name)
            assert ours.dtype == array.dtype and ours.shape == array.shape and ours.tobytes() == array.tobytes(), name
    print("the same")
else:
    out = Path(__file__).parents[2] / "src/tensor/safetensors.golden.json"
    out.write_text(json.dumps({"file": base64.b64encode(save(arrays, metadata)).decode()}) + "\n")
