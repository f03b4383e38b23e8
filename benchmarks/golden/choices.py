"""Golden values of two updates each of BCQ, CQL and CRR for choices; the second copies the targets.

Written from the papers and in the order of the authors' programs (sfujim/BCQ, aviralkumar2907/CQL, and algorithm 1 of CRR),
as in updates.py: double precision, from a start in mid-training.

python benchmarks/golden/choices.py
"""

import torch
import torch.nn.functional as F
from torch import nn
from updates import after, batch, descend, index, observations, rate, rows_of, start, wave, width, written

choices, discount = 3, 0.9
chosen = index % choices


class Layers(nn.Module):
    """One hidden layer: with two, a network's target would start almost where the network does (six leaves on, near 2π)."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(inputs, width), nn.Linear(width, outputs)])

    def forward(self, x):
        return self.layers[1](F.relu(self.layers[0](x)))


def leaves_of(path, nets, stacked):
    for i in range(2):
        for kind in ("bias", "weight"):
            yield f"{path}/layers/{i}/{kind}", [getattr(net.layers[i], kind) for net in nets], kind == "weight", stacked


def part(update):
    b = rows_of(update)
    return b, b["observation"], chosen[update * batch : (update + 1) * batch], b["nextObservation"]


def backed_up(b, following):
    return b["reward"] + discount ** b["span"] * b["continues"] * following


def adam(net):
    return torch.optim.Adam(net.parameters(), lr=rate)


def copy(target, net):
    target.load_state_dict(net.state_dict())


def of(values, choice):
    return values.gather(1, choice[:, None]).squeeze(1)


def bcq(threshold=0.7, logit_penalty=0.05):
    value, behaviour, target = (Layers(observations, choices) for _ in range(3))
    value_optimiser, behaviour_optimiser = adam(value), adam(behaviour)
    leaves = [
        *leaves_of("value/params", [value], False),
        *leaves_of("behaviour/params", [behaviour], False),
        *leaves_of("target", [target], False),
    ]
    start(leaves, [value_optimiser, behaviour_optimiser])
    results, left_out, differ = [], 0, 0
    for update in range(2):
        b, s, a, later = part(update)
        with torch.no_grad():
            chance, q = behaviour(later).softmax(1), value(later)
            allowed = chance >= threshold * chance.max(1, keepdim=True).values
            best = torch.where(allowed, q, torch.tensor(-1e8)).argmax(1)
            left_out += (best != q.argmax(1)).sum().item()
            now = behaviour(s).softmax(1)
            elsewhere = torch.where(now >= threshold * now.max(1, keepdim=True).values, q, torch.tensor(-1e8)).argmax(1)
            differ += (of(target(later), best) != of(target(later), elsewhere)).sum().item()
            following = of(target(later), best)
        loss = F.smooth_l1_loss(of(value(s), a), backed_up(b, following))
        descend(value_optimiser, loss)
        logits = behaviour(s)
        behaviour_loss = F.cross_entropy(logits, a) + logit_penalty * logits.pow(2).mean()
        descend(behaviour_optimiser, behaviour_loss)
        if update == 1:
            copy(target, value)
        results.append(after(leaves, {"loss": loss, "behaviourLoss": behaviour_loss, "value": following.mean()}))
    assert 0 < left_out < 2 * batch and differ > 0, (left_out, differ)
    return results


def cql(conservatism=0.7):
    value, target = Layers(observations, choices), Layers(observations, choices)
    optimiser = adam(value)
    leaves = [*leaves_of("value/params", [value], False), *leaves_of("target", [target], False)]
    start(leaves, [optimiser])
    results, differ = [], 0
    for update in range(2):
        b, s, a, later = part(update)
        with torch.no_grad():
            following = of(target(later), value(later).argmax(1))
            differ += (following != target(later).max(1).values).sum().item()
        q = value(s)
        gap = (torch.logsumexp(q, 1) - of(q, a)).mean()
        loss = F.smooth_l1_loss(of(q, a), backed_up(b, following)) + conservatism * gap
        descend(optimiser, loss)
        if update == 1:
            copy(target, value)
        results.append(after(leaves, {"loss": loss, "gap": gap, "value": of(q, a).mean()}))
    assert differ > 0
    return results


def crr(binary, temperature=0.5, max_weight=1.1, drawn=2):
    policy, policy_target = Layers(observations, choices), Layers(observations, choices)
    critic, critic_target = Layers(observations + choices, 1), Layers(observations + choices, 1)
    policy_optimiser, critic_optimiser = adam(policy), adam(critic)
    leaves = [
        *leaves_of("policy/params", [policy], False),
        *leaves_of("critic/params", [critic], True),
        *leaves_of("targets/policy", [policy_target], False),
        *leaves_of("targets/critic", [critic_target], True),
    ]
    start(leaves, [policy_optimiser, critic_optimiser])

    def q(net, s, a):
        return net(torch.cat([s, F.one_hot(a, choices)], 1)).squeeze(1)

    def draw(net, s, number):
        """The largest of log-probability and Gumbel's noise; a wave in place of it."""
        return (net(s).log_softmax(1) + wave(batch, choices, at=90 + number, scale=0.4)).argmax(1)

    results, weights, differ = [], [], 0
    for update in range(2):
        b, s, a, later = part(update)
        with torch.no_grad():
            own = sum(q(critic, s, draw(policy, s, 1 + j)) for j in range(drawn)) / drawn
            advantage = q(critic, s, a) - own
            weight = (advantage > 0).double() if binary else (advantage / temperature).exp().clamp(max=max_weight)
            weights.append(weight)
            other = draw(policy_target, later, 0)
            differ += (other != draw(policy, later, 0)).sum().item()
            following = q(critic_target, later, other)
        policy_loss = (weight * F.cross_entropy(policy(s), a, reduction="none")).mean()
        before = q(critic, s, a)
        critic_loss = F.smooth_l1_loss(before, backed_up(b, following))
        descend(policy_optimiser, policy_loss)
        descend(critic_optimiser, critic_loss)
        if update == 1:
            copy(policy_target, policy)
            copy(critic_target, critic)
        means = {"advantage": advantage.mean(), "weight": weight.mean(), "value": before.mean()}
        results.append(after(leaves, {"policyLoss": policy_loss, "criticLoss": critic_loss, **means}))
    assert differ > 0
    weight = torch.cat(weights)
    assert (weight == weight.max()).any() and (weight < weight.max()).any()
    return results


golden = {"bcq": bcq(), "cql": cql(), "crr, binary": crr(True), "crr, exp": crr(False)}
written(golden, "src/algorithms/choices.golden.json", digits=7)
