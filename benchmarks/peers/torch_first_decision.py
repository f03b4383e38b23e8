"""A fresh process that loads a saved policy in PyTorch and decides once.

python torch_first_decision.py save|load policy.pt WIDTH OBSERVATIONS ACTIONS
"""

import sys

import torch
from torch import nn

what, path, *sizes = sys.argv[1:]
width, observations, actions = map(int, sizes)
torch.set_num_threads(1)
policy = nn.Sequential(
    *(nn.Linear(observations, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU()),
    *(nn.Linear(width, actions), nn.Tanh()),
)
if what == "save":
    torch.save(policy.state_dict(), path)
else:
    policy.load_state_dict(torch.load(path, weights_only=True))
    with torch.no_grad():
        print(policy(torch.full((1, observations), 0.1))[0].tolist(), flush=True)
