"""Golden values of whole updates: one of IQL, two of TD3+BC (the second of which moves the policy and the targets), two of
CQL for vectors (the second of which has another α).

Written from the papers and in the order of the authors' programs (ikostrikov/implicit_q_learning, sfujim/TD3_BC; CQL's in that
of its algorithm 1, the critics first), with torch.nn and torch.optim.Adam, in double precision, from a start in
mid-training: Adam has taken ten steps before.

python benchmarks/golden/updates.py
"""

import copy
import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)

observations, actions, batch, width = 3, 2, 16, 8
rate, steps_before, steps_in_all = 0.01, 10, 48


def wave(*shape, at, scale):
    """What both sides start from: scale · sin(1.7 i + at), i the flat index."""
    size = torch.Size(shape).numel()
    return (scale * torch.sin(1.7 * torch.arange(size) + at)).reshape(shape)


rows = 2 * batch
index = torch.arange(rows)
data = {
    "observation": wave(rows, observations, at=1001, scale=1.5),
    "action": wave(rows, actions, at=1002, scale=0.9),
    "reward": wave(rows, at=1003, scale=2),
    "nextObservation": wave(rows, observations, at=1004, scale=1.5),
    "continues": (index % 5 != 4).to(torch.float64),
    "span": 1 + (index % 3).to(torch.float64),
}


def rows_of(update):
    return {name: column[update * batch : (update + 1) * batch] for name, column in data.items()}


class Layers(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(inputs, width), nn.Linear(width, width), nn.Linear(width, outputs)])

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.relu(layer(x))
        return self.layers[-1](x)


class Q(Layers):
    def __init__(self):
        super().__init__(observations + actions, 1)

    def forward(self, s, a):
        return super().forward(torch.cat([s, a], -1)).squeeze(-1)


# A leaf of our state is a list of parameters of torch's (the members of an ensemble), transposed where it is a weight.
def leaves_of(path, nets, stacked):
    for i in range(3):
        for kind in ("bias", "weight"):
            yield f"{path}/layers/{i}/{kind}", [getattr(net.layers[i], kind) for net in nets], kind == "weight", stacked


def ours(parameters, transposed, stacked):
    values = [p.T if transposed else p for p in parameters]
    return torch.stack(values) if stacked else values[0]


def give(parameters, transposed, stacked, value):
    for i, parameter in enumerate(parameters):
        own = value[i] if stacked else value
        parameter.copy_(own.T if transposed else own)


def start(leaves, optimisers):
    """Waves for every leaf, by its place among the sorted paths; and for what Adam remembers of the learners'."""
    for at, (_, parameters, transposed, stacked) in enumerate(sorted(leaves, key=lambda leaf: leaf[0])):
        shape = ours(parameters, transposed, stacked).shape
        with torch.no_grad():
            give(parameters, transposed, stacked, wave(*shape, at=at, scale=0.6))
            means, squares = [torch.zeros_like(p) for p in parameters], [torch.zeros_like(p) for p in parameters]
            give(means, transposed, stacked, wave(*shape, at=at + 200, scale=0.02))
            give(squares, transposed, stacked, wave(*shape, at=at + 300, scale=0.02).square() + 1e-4)
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                for parameter in group["params"]:
                    for own, mean, square in zip(parameters, means, squares, strict=True):
                        if own is parameter:
                            step = torch.tensor(float(steps_before))
                            optimiser.state[parameter] = {"step": step, "exp_avg": mean, "exp_avg_sq": square}


def descend(optimiser, loss):
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


def blend(targets, nets, share):
    with torch.no_grad():
        for target, net in zip(targets, nets, strict=True):
            for t, p in zip(target.parameters(), net.parameters(), strict=True):
                t.copy_(share * p + (1 - share) * t)


def after(leaves, metrics):
    values = {path: ours(p, t, s).detach().flatten().tolist() for path, p, t, s in leaves}
    return {"leaves": values, "metrics": {name: value.item() for name, value in metrics.items()}}


def iql(discount=0.9, expectile=0.7, inverse_temperature=3.0, max_weight=3.0, target_rate=0.1):
    policy, log_spread, value = Layers(observations, actions), nn.Parameter(torch.zeros(actions)), Layers(observations, 1)
    critics, targets = [Q(), Q()], [Q(), Q()]
    critic_optimiser = torch.optim.Adam([p for q in critics for p in q.parameters()], lr=rate)
    value_optimiser = torch.optim.Adam(value.parameters(), lr=rate)
    policy_rate = rate * 0.5 * (1 + math.cos(math.pi * steps_before / steps_in_all))
    policy_optimiser = torch.optim.Adam([*policy.parameters(), log_spread], lr=policy_rate)
    leaves = [
        *leaves_of("policy/params/body", [policy], False),
        ("policy/params/logSpread", [log_spread], False, False),
        *leaves_of("critic/params", critics, True),
        *leaves_of("value/params", [value], False),
        *leaves_of("target", targets, True),
    ]
    start(leaves, [policy_optimiser, critic_optimiser, value_optimiser])

    b = rows_of(0)
    s, a = b["observation"], b["action"]
    with torch.no_grad():
        q = torch.min(targets[0](s, a), targets[1](s, a))

    difference = q - value(s).squeeze(-1)
    value_loss = (torch.where(difference > 0, expectile, 1 - expectile) * difference**2).mean()
    assert (difference > 0).any() and (difference < 0).any()
    descend(value_optimiser, value_loss)

    with torch.no_grad():
        advantage = q - value(s).squeeze(-1)
        weight = torch.exp(inverse_temperature * advantage)
        assert (weight > max_weight).any() and (weight < max_weight).any(), weight
        weight = weight.clamp(max=max_weight)
    normal = torch.distributions.Normal(torch.tanh(policy(s)), log_spread.clamp(-5, 2).exp())
    policy_loss = -(weight * normal.log_prob(a).sum(-1)).mean()
    descend(policy_optimiser, policy_loss)

    with torch.no_grad():
        backup = b["reward"] + discount ** b["span"] * b["continues"] * value(b["nextObservation"]).squeeze(-1)
    critic_loss = ((critics[0](s, a) - backup) ** 2 + (critics[1](s, a) - backup) ** 2).mean()
    descend(critic_optimiser, critic_loss)
    blend(targets, critics, target_rate)

    metrics = {"valueLoss": value_loss, "policyLoss": policy_loss, "criticLoss": critic_loss}
    means = {"advantage": advantage.mean(), "weight": weight.mean(), "value": q.mean()}
    return after(leaves, {**metrics, **means})


def td3_bc(discount=0.9, greed=2.5, smoothing=0.2, smoothing_bound=0.5, target_rate=0.1, policy_delay=2):
    policy, critics = Layers(observations, actions), [Q(), Q()]
    policy_target, critic_targets = copy.deepcopy(policy), copy.deepcopy(critics)
    critic_optimiser = torch.optim.Adam([p for q in critics for p in q.parameters()], lr=rate)
    policy_optimiser = torch.optim.Adam(policy.parameters(), lr=rate)
    leaves = [
        *leaves_of("policy/params", [policy], False),
        *leaves_of("critic/params", critics, True),
        *leaves_of("targets/policy", [policy_target], False),
        *leaves_of("targets/critic", critic_targets, True),
    ]
    start(leaves, [policy_optimiser, critic_optimiser])

    results = []
    for update in range(2):
        b = rows_of(update)
        s, a = b["observation"], b["action"]
        with torch.no_grad():
            noise = wave(batch, actions, at=60 + update, scale=4) * smoothing
            assert (noise.abs() > smoothing_bound).any() and (noise.abs() < smoothing_bound).any()
            free = torch.tanh(policy_target(b["nextObservation"])) + noise.clamp(-smoothing_bound, smoothing_bound)
            assert (free.abs() > 1).any()
            next_action = free.clamp(-1, 1)
            next_q = torch.min(*(q(b["nextObservation"], next_action) for q in critic_targets))
            backup = b["reward"] + discount ** b["span"] * b["continues"] * next_q
        critic_loss = F.mse_loss(critics[0](s, a), backup) + F.mse_loss(critics[1](s, a), backup)
        descend(critic_optimiser, critic_loss)
        metrics = {"criticLoss": critic_loss, "value": next_q.mean()}

        if (update + 1) % policy_delay == 0:
            pi = torch.tanh(policy(s))
            q = critics[0](s, pi)
            policy_loss = -greed / q.abs().mean().detach() * q.mean() + F.mse_loss(pi, a)
            descend(policy_optimiser, policy_loss)
            blend(critic_targets, critics, target_rate)
            blend([policy_target], [policy], target_rate)
            metrics["policyLoss"] = policy_loss
        results.append(after(leaves, metrics))
    return results


def squashed(out, noise):
    mean, log_spread = out[..., :actions], out[..., actions:].clamp(-5, 2)
    normal = torch.distributions.Normal(mean, log_spread.exp())
    u = mean + noise * log_spread.exp()
    action = torch.tanh(u)
    return action, (normal.log_prob(u) - torch.log(1 - action**2)).sum(-1)


def cql_sac(discount=0.9, alpha=0.8, drawn=2, dual_rate=0.05, wanted_gap=0.5, price_at_start=0.7, target_rate=0.1):
    policy, log = Layers(observations, 2 * actions), nn.Parameter(torch.zeros(()))
    critics, targets = [Q(), Q()], [Q(), Q()]
    critic_optimiser = torch.optim.Adam([p for q in critics for p in q.parameters()], lr=rate)
    policy_optimiser = torch.optim.Adam(policy.parameters(), lr=rate / 2)
    price_optimiser = torch.optim.Adam([log], lr=rate / 2)
    leaves = [
        *leaves_of("policy/params", [policy], False),
        *leaves_of("critic/params", critics, True),
        ("temperature/params/log", [log], False, False),
        *leaves_of("target", targets, True),
    ]
    start(leaves, [policy_optimiser, critic_optimiser, price_optimiser])

    results = []
    for update in range(2):
        b = rows_of(update)
        s, a, later = b["observation"], b["action"], b["nextObservation"]
        price = price_at_start * log.exp().detach()
        with torch.no_grad():
            next_action, _ = squashed(policy(later), wave(batch, actions, at=70, scale=1.2))
            least = torch.min(*(q(later, next_action) for q in targets))
            backup = b["reward"] + discount ** b["span"] * b["continues"] * least
            wide = s.expand(drawn, batch, observations)
            own, own_log_density = squashed(policy(wide), wave(drawn, batch, actions, at=85, scale=1.2))
            anywhere = 2 * (wave(drawn, batch, actions, at=95, scale=0.49) + 0.5) - 1
            weight = torch.cat([own_log_density.exp(), torch.full((drawn, batch), 0.5**actions)])
        gaps, losses, before = [], [], []
        for q in critics:
            values = torch.cat([q(wide, own), q(wide, anywhere)])
            gaps.append((torch.log((values.exp() / weight).mean(0)) - q(s, a)).mean())
            losses.append(F.mse_loss(q(s, a), backup) + alpha * gaps[-1])
            before.append(q(s, a).mean())
        critic_loss, gap, value = sum(losses), sum(gaps).item() / 2, sum(before) / 2
        descend(critic_optimiser, critic_loss)

        action, log_prob = squashed(policy(s), wave(batch, actions, at=80, scale=1.2))
        policy_loss = (price * log_prob - torch.min(*(q(s, action) for q in critics))).mean()
        descend(policy_optimiser, policy_loss)
        descend(price_optimiser, -(log * (log_prob + -actions).detach()).mean())
        blend(targets, critics, target_rate)
        metrics = {"criticLoss": critic_loss, "policyLoss": policy_loss, "value": value, "gap": torch.tensor(gap)}
        metrics = {**metrics, "conservatism": torch.tensor(alpha), "entropy": -log_prob.mean(), "temperature": price}
        results.append(after(leaves, metrics))
        alpha *= math.exp(dual_rate * (gap - wanted_gap))
    return results


def written(golden, path, digits=9):
    """Nine digits are more than float32 holds."""
    short = json.loads(json.dumps(golden), parse_float=lambda text: float(f"{float(text):.{digits}g}"))
    (Path(__file__).parents[2] / path).write_text(json.dumps(short) + "\n")


if __name__ == "__main__":
    written({"iql": [iql()], "td3-bc": td3_bc(), "cql-sac": cql_sac()}, "src/algorithms/updates.golden.json")
