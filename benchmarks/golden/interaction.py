"""Golden values of whole updates of the methods that play: DQN, QR-DQN, SAC, SAC for choices, TD3, PPO, PPO with a memory,
A2C and REINFORCE.

Written from the papers in the order of CleanRL's and Stable-Baselines3's updates, with torch.nn and torch.optim, in double
precision, from a start in mid-training: the optimisers have taken ten steps before.

python benchmarks/golden/interaction.py
"""

import copy
import math

import torch
import torch.nn.functional as F
from torch import nn
from updates import (
    after,
    batch,
    blend,
    data,
    give,
    leaves_of,
    observations,
    ours,
    rate,
    rows,
    squashed,
    steps_before,
    wave,
    written,
)

choices, actions, quantiles, width, share, discount = 3, 2, 5, 6, 0.1, 0.9
index = torch.arange(rows)
data = {
    **data,
    "choice": index % choices,
    "weight": 40 * (1 + 0.5 * torch.sin(index.to(torch.float64))),
    "logProb": -3.1 + wave(rows, at=1005, scale=0.6),
    "choiceLogProb": -1.1 + wave(rows, at=1005, scale=0.3),
    "advantage": 0.3 + wave(rows, at=1006, scale=1.5),
    "value": wave(rows, at=1007, scale=0.5),
    "target": wave(rows, at=1008, scale=2),
    "played": (index % 4 != 3).to(torch.float64),
}


def rows_of(update):
    return {name: column[update * batch : (update + 1) * batch] for name, column in data.items()}


class Mlp(nn.Module):
    def __init__(self, inputs, outputs, act=F.relu):
        super().__init__()
        self.act = act
        self.layers = nn.ModuleList([nn.Linear(inputs, width), nn.Linear(width, width), nn.Linear(width, outputs)])

    def forward(self, *inputs):
        x = torch.cat(inputs, -1)
        for layer in self.layers[:-1]:
            x = self.act(layer(x))
        return self.layers[-1](x)


def start(leaves, optimisers):
    """As in updates.py, for Adam and RMSprop."""
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
                        if own is not parameter:
                            continue
                        step = torch.tensor(float(steps_before))
                        adam = isinstance(optimiser, torch.optim.Adam)
                        moments = {"exp_avg": mean, "exp_avg_sq": square} if adam else {"square_avg": square}
                        optimiser.state[parameter] = {"step": step, **moments}


def descend(optimiser, loss, bound=None, beyond=True):
    optimiser.zero_grad()
    loss.backward()
    if bound is not None:
        norm = nn.utils.clip_grad_norm_([p for group in optimiser.param_groups for p in group["params"]], bound)
        assert not beyond or norm > bound, norm
    optimiser.step()


adam = lambda *nets, **options: torch.optim.Adam([p for net in nets for p in net.parameters()], lr=rate, **options)


def duelled(out):
    advantage = out[:, 1:]
    return out[:, :1] + advantage - advantage.mean(-1, keepdim=True)


def dqn(double, duelling, weighted):
    head = duelled if duelling else lambda out: out
    value, target = (Mlp(observations, choices + duelling) for _ in range(2))
    optimiser = adam(value)
    leaves = [*leaves_of("value/params", [value], False), *leaves_of("target", [target], False)]
    start(leaves, [optimiser])
    results = []
    for update in range(2):
        b = rows_of(update)
        with torch.no_grad():
            later = head(target(b["nextObservation"]))
            best = (head(value(b["nextObservation"])) if double else later).argmax(-1)
            backup = b["reward"] + discount ** b["span"] * b["continues"] * later.gather(1, best[:, None])[:, 0]
        before = head(value(b["observation"])).gather(1, b["choice"][:, None])[:, 0]
        each = F.smooth_l1_loss(before, backup, reduction="none")
        loss = (each * b["weight"]).mean() if weighted else each.mean()
        metrics = {"loss": loss, "value": before.mean()}
        surprise = (before - backup).abs().detach().tolist()
        descend(optimiser, loss, 10, beyond=weighted)
        if update == 1:
            blend([target], [value], 1)
        results.append({**after(leaves, metrics), "surprise": surprise})
    return results


def qr_dqn(weighted=True):
    value, target = (Mlp(observations, choices * quantiles) for _ in range(2))
    optimiser = adam(value, eps=0.01 / batch)
    leaves = [*leaves_of("value/params", [value], False), *leaves_of("target", [target], False)]
    start(leaves, [optimiser])
    b = rows_of(0)
    some = torch.arange(batch)
    with torch.no_grad():
        later = target(b["nextObservation"]).reshape(batch, choices, quantiles)
        next_quantiles = later[some, later.mean(-1).argmax(-1)]
        backup = b["reward"][:, None] + (discount ** b["span"] * b["continues"])[:, None] * next_quantiles
    mine = value(b["observation"]).reshape(batch, choices, quantiles)[some, b["choice"]]
    levels = (torch.arange(quantiles) + 0.5) / quantiles
    error = backup[:, None, :] - mine[:, :, None]
    huber = torch.where(error.abs() <= 1, 0.5 * error**2, error.abs() - 0.5)
    each = ((levels[None, :, None] - (error.detach() < 0).to(torch.float64)).abs() * huber).mean(2).sum(1)
    loss = (each * b["weight"]).mean()
    metrics = {"loss": loss, "value": mine.mean()}
    descend(optimiser, loss)
    return [{**after(leaves, metrics), "surprise": each.detach().tolist()}]


def sac(start_temperature=0.7):
    policy, log = Mlp(observations, 2 * actions), nn.Parameter(torch.zeros(()))
    critics, targets = ([Mlp(observations + actions, 1) for _ in range(2)] for _ in range(2))
    policy_optimiser, critic_optimiser = adam(policy), adam(*critics)
    temperature_optimiser = torch.optim.Adam([log], lr=rate)
    leaves = [
        *leaves_of("policy/params", [policy], False),
        *leaves_of("critic/params", critics, True),
        ("temperature/params/log", [log], False, False),
        *leaves_of("target", targets, True),
    ]
    start(leaves, [policy_optimiser, critic_optimiser, temperature_optimiser])
    b = rows_of(0)
    s, a = b["observation"], b["action"]
    alpha = start_temperature * log.exp().detach()
    with torch.no_grad():
        next_action, next_log_prob = squashed(policy(b["nextObservation"]), wave(batch, actions, at=70, scale=1.2))
        lowest = torch.min(*(q(b["nextObservation"], next_action).squeeze(-1) for q in targets))
        soft = lowest - alpha * next_log_prob
        backup = b["reward"] + discount ** b["span"] * b["continues"] * soft
    action, log_prob = squashed(policy(s), wave(batch, actions, at=80, scale=1.2))
    temperature_loss = -(log * (log_prob + -actions).detach()).mean()

    critic_loss = sum(F.mse_loss(q(s, a).squeeze(-1), backup) for q in critics)
    descend(critic_optimiser, critic_loss)
    policy_loss = (alpha * log_prob - torch.min(*(q(s, action).squeeze(-1) for q in critics))).mean()
    descend(policy_optimiser, policy_loss)
    descend(temperature_optimiser, temperature_loss)
    blend(targets, critics, share)
    losses = {"criticLoss": critic_loss, "policyLoss": policy_loss}
    return [after(leaves, {**losses, "value": soft.mean(), "entropy": -log_prob.mean(), "temperature": alpha})]


def sac_discrete(start_temperature=0.7, entropy_share=0.5):
    policy, log = Mlp(observations, choices), nn.Parameter(torch.zeros(()))
    critics, targets = ([Mlp(observations, choices) for _ in range(2)] for _ in range(2))
    policy_optimiser, critic_optimiser = adam(policy), adam(*critics)
    temperature_optimiser = torch.optim.Adam([log], lr=rate)
    leaves = [
        *leaves_of("policy/params", [policy], False),
        *leaves_of("critic/params", critics, True),
        ("temperature/params/log", [log], False, False),
        *leaves_of("target", targets, True),
    ]
    start(leaves, [policy_optimiser, critic_optimiser, temperature_optimiser])
    b = rows_of(0)
    s, a = b["observation"], b["choice"]
    alpha = start_temperature * log.exp().detach()
    with torch.no_grad():
        next_log = F.log_softmax(policy(b["nextObservation"]), -1)
        lowest = torch.min(*(q(b["nextObservation"]) for q in targets))
        soft = (next_log.exp() * (lowest - alpha * next_log)).sum(-1)
        backup = b["reward"] + discount ** b["span"] * b["continues"] * soft
    critic_loss = sum(F.mse_loss(q(s).gather(1, a[:, None])[:, 0], backup) for q in critics)
    descend(critic_optimiser, critic_loss)
    now = F.log_softmax(policy(s), -1)
    with torch.no_grad():
        q = torch.min(*(q(s) for q in critics))
    policy_loss = (now.exp() * (alpha * now - q)).sum(-1).mean()
    entropy = -(now.exp() * now).sum(-1).mean().detach()
    descend(policy_optimiser, policy_loss)
    # The author's: −(log α (log π + H̄)) expected under π.
    descend(temperature_optimiser, -(log * (-entropy + entropy_share * math.log(choices))))
    blend(targets, critics, share)
    losses = {"criticLoss": critic_loss, "policyLoss": policy_loss}
    return [after(leaves, {**losses, "value": soft.mean(), "entropy": entropy, "temperature": alpha})]


def td3(smoothing=0.2, smoothing_bound=0.5, policy_delay=2):
    policy = Mlp(observations, actions)
    critics = [Mlp(observations + actions, 1) for _ in range(2)]
    policy_target, critic_targets = copy.deepcopy(policy), copy.deepcopy(critics)
    critic_optimiser, policy_optimiser = adam(*critics), adam(policy)
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
        s, a, n = b["observation"], b["action"], b["nextObservation"]
        with torch.no_grad():
            noise = wave(batch, actions, at=60 + update, scale=4) * smoothing
            free = torch.tanh(policy_target(n)) + noise.clamp(-smoothing_bound, smoothing_bound)
            assert (free.abs() > 1).any()
            next_q = torch.min(*(q(n, free.clamp(-1, 1)).squeeze(-1) for q in critic_targets))
            backup = b["reward"] + discount ** b["span"] * b["continues"] * next_q
        critic_loss = sum(F.mse_loss(q(s, a).squeeze(-1), backup) for q in critics)
        descend(critic_optimiser, critic_loss)
        metrics = {"criticLoss": critic_loss, "value": next_q.mean()}
        if (update + 1) % policy_delay == 0:
            policy_loss = -critics[0](s, torch.tanh(policy(s))).mean()
            descend(policy_optimiser, policy_loss)
            blend(critic_targets, critics, share)
            blend([policy_target], [policy], share)
            metrics["policyLoss"] = policy_loss
        results.append(after(leaves, metrics))
    return results


def actor(kind):
    """A policy's log-probability and entropy, its parameters, and their leaves."""
    if kind == "discrete":
        net = Mlp(observations, choices, torch.tanh)
        of = lambda s: torch.distributions.Categorical(logits=net(s))
        return of, [*net.parameters()], [*leaves_of("agent/params/policy", [net], False)], "choice", "choiceLogProb"
    net, log_spread = Mlp(observations, actions, torch.tanh), nn.Parameter(torch.zeros(actions))
    normal = lambda s: torch.distributions.Normal(net(s), log_spread.clamp(-5, 2).exp().expand(len(s), -1))
    of = lambda s: torch.distributions.Independent(normal(s), 1)
    own = "agent/params/policy"
    leaves = [*leaves_of(f"{own}/body", [net], False), (f"{own}/logSpread", [log_spread], False, False)]
    return of, [*net.parameters(), log_spread], leaves, "action", "logProb"


def centred(x):
    return (x - x.mean()) / (x.std(unbiased=False) + 1e-8)


def surrogate(now, before, advantage, clip):
    w = (now - before).exp()
    assert (w > 1 + clip).any() and (w < 1 - clip).any() and ((w - 1).abs() < clip).any(), w
    # Beyond the clip, on either side and for either sign of the advantage.
    return w, torch.min(w * advantage, w.clamp(1 - clip, 1 + clip) * advantage)


def clipped_error(value, target, before, bound):
    held = before + (value - before).clamp(-bound, bound)
    return torch.max((value - target) ** 2, (held - target) ** 2)


def ppo(kind, clip=0.2, value_clip=0.3, value_weight=0.7, entropy_bonus=0.05, bound=0.05, updates_in_all=128):
    of, parameters, policy_leaves, action, log_prob = actor(kind)
    value = Mlp(observations, 1, torch.tanh)
    left = 1 - steps_before / updates_in_all
    optimiser = torch.optim.Adam([*parameters, *value.parameters()], lr=rate * left, eps=1e-5)
    leaves = [*policy_leaves, *leaves_of("agent/params/value", [value], False)]
    start(leaves, [optimiser])
    b = rows_of(0)
    now = of(b["observation"])
    w, gain = surrogate(now.log_prob(b[action]), b[log_prob], centred(b["advantage"]), clip * left)
    policy_loss = -(gain + entropy_bonus * now.entropy()).mean()
    value_loss = clipped_error(value(b["observation"]).squeeze(-1), b["target"], b["value"], value_clip).mean()
    metrics = {"policyLoss": policy_loss, "valueLoss": value_loss, "entropy": now.entropy().mean()}
    metrics["divergence"] = (w - 1 - w.log()).mean()
    metrics["clipped"] = ((w - 1).abs() > clip * left).to(torch.float64).mean()
    descend(optimiser, policy_loss + value_weight * value_loss, bound)
    return [after(leaves, metrics)]


def a2c(value_weight=0.7, entropy_bonus=0.05, bound=0.05):
    of, parameters, policy_leaves, action, _ = actor("continuous")
    value = Mlp(observations, 1, torch.tanh)
    optimiser = torch.optim.RMSprop([*parameters, *value.parameters()], lr=rate, alpha=0.99, eps=1e-5)
    leaves = [*policy_leaves, *leaves_of("agent/params/value", [value], False)]
    start(leaves, [optimiser])
    b = rows_of(0)
    now = of(b["observation"])
    policy_loss = -(now.log_prob(b[action]) * b["advantage"] + entropy_bonus * now.entropy()).mean()
    value_loss = F.mse_loss(value(b["observation"]).squeeze(-1), b["target"])
    metrics = {"policyLoss": policy_loss, "valueLoss": value_loss, "entropy": now.entropy().mean()}
    descend(optimiser, policy_loss + value_weight * value_loss, bound)
    return [after(leaves, metrics)]


def reinforce(entropy_bonus=0.05):
    of, parameters, policy_leaves, action, _ = actor("discrete")
    value = Mlp(observations, 1, torch.tanh)
    optimiser = torch.optim.Adam([*parameters, *value.parameters()], lr=rate)
    leaves = [*policy_leaves, *leaves_of("agent/params/value", [value], False)]
    start(leaves, [optimiser])
    # Rows that were not played are as if they were not there.
    b = {name: column[data["played"][:batch] == 1] for name, column in rows_of(0).items()}
    now = of(b["observation"])
    gain = now.log_prob(b[action]) * centred(b["advantage"]) + entropy_bonus * now.entropy()
    policy_loss = -gain.mean()
    value_loss = F.mse_loss(value(b["observation"]).squeeze(-1), b["target"])
    metrics = {"policyLoss": policy_loss, "valueLoss": value_loss, "entropy": now.entropy().mean()}
    descend(optimiser, policy_loss + value_loss)
    return [after(leaves, metrics)]


def ppo_recurrent(size=4, length=4, clip=0.2, value_clip=0.3, value_weight=0.5, entropy_bonus=0.05, bound=0.05):
    cell, policy, value = nn.LSTMCell(observations, size), nn.Linear(size, 2 * actions), nn.Linear(size, 1)
    parameters = [*cell.parameters(), *policy.parameters(), *value.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=rate, eps=1e-5)
    leaves = [
        ("agent/params/cell/input/weight", [cell.weight_ih], True, False),
        ("agent/params/cell/input/bias", [cell.bias_ih], False, False),
        ("agent/params/cell/hidden/weight", [cell.weight_hh], True, False),
        ("agent/params/cell/hidden/bias", [cell.bias_hh], False, False),
        ("agent/params/policy/weight", [policy.weight], True, False),
        ("agent/params/policy/bias", [policy.bias], False, False),
        ("agent/params/value/weight", [value.weight], True, False),
        ("agent/params/value/bias", [value.bias], False, False),
    ]
    start(leaves, [optimiser])
    stretches = batch // length
    b = {name: column.reshape(stretches, length, *column.shape[1:]) for name, column in rows_of(0).items()}
    begins = (torch.arange(batch) % 7 == 5).reshape(stretches, length)
    assert begins[:, 1:].any()
    hidden = wave(2 * stretches, size, at=1011, scale=0.8)[:stretches]
    carried = wave(2 * stretches, size, at=1012, scale=0.8)[:stretches]
    shown = []
    for t in range(length):
        kept = (~begins[:, t : t + 1]).to(torch.float64)
        hidden, carried = cell(b["observation"][:, t], (hidden * kept, carried * kept))
        shown.append(hidden)
    shown = torch.stack(shown, 1)
    out = policy(shown)
    normal = torch.distributions.Normal(out[..., :actions], out[..., actions:].clamp(-5, 2).exp())
    now = torch.distributions.Independent(normal, 1)
    w, gain = surrogate(now.log_prob(b["action"]), b["logProb"], centred(b["advantage"]), clip)
    v = value(shown).squeeze(-1)
    error = clipped_error(v, b["target"], b["value"], value_clip)
    loss = (value_weight * error - gain - entropy_bonus * now.entropy()).mean()
    metrics = {"loss": loss, "valueLoss": F.mse_loss(v, b["target"]), "entropy": now.entropy().mean()}
    metrics["divergence"] = (w - 1 - w.log()).mean()
    descend(optimiser, loss, bound)
    return [after(leaves, metrics)]


golden = {
    "dqn": dqn(double=False, duelling=False, weighted=False),
    "dqn, double, duelling, weighted": dqn(double=True, duelling=True, weighted=True),
    "qr-dqn": qr_dqn(),
    "sac": sac(),
    "sac-discrete": sac_discrete(),
    "td3": td3(),
    "ppo": ppo("continuous"),
    "ppo, choices": ppo("discrete"),
    "ppo-recurrent": ppo_recurrent(),
    "a2c": a2c(),
    "reinforce": reinforce(),
}
written(golden, "src/algorithms/interaction/updates.golden.json", digits=7)
