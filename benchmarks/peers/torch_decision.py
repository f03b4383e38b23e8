"""How long a decision takes in eager PyTorch, in microseconds. `--rows 0`: one observation, one action as a NumPy array.

python torch_decision.py --rows 0 --percent 99 --threads 1 --width 256 --observations 17 --actions 6
"""

import json
import sys
import time

import numpy as np
import torch
from serve import given
from torch import nn

flags = given()
torch.set_num_threads(flags.threads)
torch.manual_seed(0)
policy = nn.Sequential(
    *(nn.Linear(flags.observations, flags.width), nn.ReLU(), nn.Linear(flags.width, flags.width), nn.ReLU()),
    *(nn.Linear(flags.width, flags.actions), nn.Tanh()),
)
seen = np.random.default_rng(0).normal(size=(64, flags.observations)).astype(np.float32)


@torch.no_grad()
def decide(i):
    if flags.rows == 0:
        return policy(torch.from_numpy(seen[i % 64]).unsqueeze(0)).clamp(-1, 1)[0].numpy()
    return policy(torch.from_numpy(seen[i % 64 : i % 64 + 1])).clamp(-1, 1).numpy()


for i in range(200):
    decide(i)
print(json.dumps({"name": f"PyTorch {torch.__version__.split('+')[0]}, eager"}), flush=True)
for line in sys.stdin:
    times, now = [], time.perf_counter()
    end = now + float(line)
    while now < end:
        decide(len(times))
        then = time.perf_counter()
        times.append(then - now)
        now = then
    print(json.dumps({"value": 1e6 * np.percentile(times, flags.percent)}), flush=True)
