"""A linear regression trained in eager PyTorch with minibatches of 32: the megabytes the process holds after each turn.

python torch_memory.py --threads 1
"""

import json
import os
import sys
import time

import torch
from serve import given

flags = given()
torch.set_num_threads(flags.threads)
torch.manual_seed(0)
rows, batch = 4096, 32
x, y = torch.randn(rows, 8), torch.randn(rows, 1)
weight = torch.randn(8, 1, requires_grad=True)
optimiser = torch.optim.Adam([weight], 1e-3)


def megabytes():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


print(json.dumps({"name": f"PyTorch {torch.__version__}, eager"}), flush=True)
for line in sys.stdin:
    end = time.perf_counter() + float(line)
    while time.perf_counter() < end:
        chosen = torch.randint(rows, (batch,))
        optimiser.zero_grad()
        (x[chosen] @ weight - y[chosen]).square().mean().backward()
        optimiser.step()
    print(json.dumps({"value": megabytes()}), flush=True)
