"""The peer of `npm run bench`: IQL and TD3+BC in eager PyTorch, as a single-file implementation does them, without waste.

Data stays resident, minibatches are rows by random index, targets blend in place, nothing is read back between updates.
Prints a line of JSON when ready; then, for each line of standard input that holds a number of seconds, makes updates for
that long and prints how many it made in which time.

python torch_offline.py --method iql --width 256 --batch 256 --threads 1 --observations 17 --actions 6 --rows 100000
"""

import argparse
import copy
import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--method", choices=["iql", "td3-bc"], required=True)
for name in ("width", "batch", "threads", "observations", "actions", "rows"):
    parser.add_argument(f"--{name}", type=int, required=True)
given = parser.parse_args()
torch.set_num_threads(given.threads)
torch.set_num_interop_threads(1)
torch.manual_seed(0)

rows, batch = given.rows, given.batch
observation, next_observation = torch.randn(2, rows, given.observations)
action = torch.rand(rows, given.actions) * 2 - 1
reward = torch.randn(rows)
continues = (torch.arange(rows) % 1000 != 999).float()


def draw():
    at = torch.randint(0, rows, (batch,))
    return observation[at], action[at], reward[at], next_observation[at], continues[at]


def layers(inputs, outputs):
    sizes = [inputs, given.width, given.width, outputs]
    parts = []
    for n, m in zip(sizes[:-1], sizes[1:], strict=True):
        parts += [nn.Linear(n, m), nn.ReLU()]
    return nn.Sequential(*parts[:-1])


class Twins(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = layers(given.observations + given.actions, 1)
        self.second = layers(given.observations + given.actions, 1)

    def forward(self, s, a):
        x = torch.cat([s, a], 1)
        return self.first(x).squeeze(-1), self.second(x).squeeze(-1)

    def q1(self, s, a):
        return self.first(torch.cat([s, a], 1)).squeeze(-1)


def descend(optimiser, loss):
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


@torch.no_grad()
def blend(target, net, share=0.005):
    for t, p in zip(target.parameters(), net.parameters(), strict=True):
        t.lerp_(p, share)


def iql(rate=3e-4, discount=0.99, expectile=0.7, beta=3.0, max_weight=100.0, steps=1_000_000):
    policy, log_spread = layers(given.observations, given.actions), nn.Parameter(torch.zeros(given.actions))
    critic, value = Twins(), layers(given.observations, 1)
    target = copy.deepcopy(critic).requires_grad_(False)
    critic_optimiser = torch.optim.Adam(critic.parameters(), lr=rate)
    value_optimiser = torch.optim.Adam(value.parameters(), lr=rate)
    policy_optimiser = torch.optim.Adam([*policy.parameters(), log_spread], lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(policy_optimiser, steps)

    def update():
        s, a, r, s_next, goes_on = draw()
        with torch.no_grad():
            q = torch.min(*target(s, a))
        short = q - value(s).squeeze(-1)
        descend(value_optimiser, (torch.where(short > 0, expectile, 1 - expectile) * short.square()).mean())

        with torch.no_grad():
            weight = (beta * (q - value(s).squeeze(-1))).exp().clamp(max=max_weight)
            backup = r + discount * goes_on * value(s_next).squeeze(-1)
        normal = torch.distributions.Normal(policy(s).tanh(), log_spread.clamp(-5, 2).exp(), validate_args=False)
        descend(policy_optimiser, -(weight * normal.log_prob(a).sum(-1)).mean())
        schedule.step()

        q1, q2 = critic(s, a)
        descend(critic_optimiser, F.mse_loss(q1, backup) + F.mse_loss(q2, backup))
        blend(target, critic)

    return update


def td3_bc(rate=3e-4, discount=0.99, greed=2.5, smoothing=0.2, bound=0.5, delay=2):
    policy, critic = layers(given.observations, given.actions), Twins()
    policy_target, critic_target = (copy.deepcopy(net).requires_grad_(False) for net in (policy, critic))
    policy_optimiser = torch.optim.Adam(policy.parameters(), lr=rate)
    critic_optimiser = torch.optim.Adam(critic.parameters(), lr=rate)
    count = 0

    def update():
        nonlocal count
        count += 1
        s, a, r, s_next, goes_on = draw()
        with torch.no_grad():
            noise = (torch.randn_like(a) * smoothing).clamp(-bound, bound)
            a_next = (policy_target(s_next).tanh() + noise).clamp(-1, 1)
            backup = r + discount * goes_on * torch.min(*critic_target(s_next, a_next))
        q1, q2 = critic(s, a)
        descend(critic_optimiser, F.mse_loss(q1, backup) + F.mse_loss(q2, backup))
        if count % delay == 0:
            pi = policy(s).tanh()
            q = critic.q1(s, pi)
            descend(policy_optimiser, F.mse_loss(pi, a) - greed / q.abs().mean().detach() * q.mean())
            blend(critic_target, critic)
            blend(policy_target, policy)

    return update


update = {"iql": iql, "td3-bc": td3_bc}[given.method]()
for _ in range(20):
    update()
print(json.dumps({"name": f"PyTorch {torch.__version__.split('+')[0]}, eager"}), flush=True)
for line in sys.stdin:
    updates, begin = 0, time.perf_counter()
    while (seconds := time.perf_counter() - begin) < float(line):
        for _ in range(4):
            update()
        updates += 4
    print(json.dumps({"updates": updates, "seconds": seconds}), flush=True)
