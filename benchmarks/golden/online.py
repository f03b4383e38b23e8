"""Golden values of src/nn/sparse/online.ts: NAG as algorithm 2 of Ross, Mineiro, Langford (2013) states it, in double precision.

python benchmarks/golden/online.py
"""

import json
import math
from pathlib import Path

size, rows, rate = 12, 40, 0.5
w, s, g2, n, predictions = [0.0] * size, [0.0] * size, [0.0] * size, 0.0, []
for t in range(1, rows + 1):
    # Three different places a row, values that grow and shrink by place.
    x = {(t * 5 + 4 * f) % size: (1 + (t * 5 + 4 * f) % size) ** 2 * math.sin(1.7 * (t + f)) for f in range(3)}
    y = math.sin(t)
    for i, xi in x.items():
        if abs(xi) > s[i]:
            w[i] *= s[i] / abs(xi)
            s[i] = abs(xi)
    prediction = sum(w[i] * xi for i, xi in x.items())
    n += sum((xi / s[i]) ** 2 for i, xi in x.items())
    for i, xi in x.items():
        slope = (prediction - y) * xi
        g2[i] += slope**2
        w[i] -= rate * math.sqrt(t / n) * slope / (s[i] * math.sqrt(g2[i]))
    predictions.append(prediction)

out = Path(__file__).parents[2] / "src/nn/sparse/online.golden.json"
out.write_text(json.dumps({"predictions": predictions, "weight": w}) + "\n")
