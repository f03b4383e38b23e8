"""IQL, TD3+BC and soft actor-critic in PyTorch. Each gives an update, what it trains, and after how many updates it repeats."""

import copy

import torch
import torch.nn.functional as F
from torch import nn


def transitions(given):
    rows = given.rows
    observation, next_observation = torch.randn(2, rows, given.observations)
    action = torch.rand(rows, given.actions) * 2 - 1
    reward = observation[:, 0].clone()
    continues = torch.zeros(rows)  # as ours: each ends its episode, so that critics have one answer

    def draw():
        at = torch.randint(0, rows, (given.batch,))
        return observation[at], action[at], reward[at], next_observation[at], continues[at]

    return draw


def layers(given, inputs, outputs):
    sizes = [inputs, given.width, given.width, outputs]
    parts = []
    for n, m in zip(sizes[:-1], sizes[1:], strict=True):
        parts += [nn.Linear(n, m), nn.ReLU()]
    return nn.Sequential(*parts[:-1])


class Twins(nn.Module):
    def __init__(self, given):
        super().__init__()
        self.first = layers(given, given.observations + given.actions, 1)
        self.second = layers(given, given.observations + given.actions, 1)

    def forward(self, s, a):
        x = torch.cat([s, a], 1)
        return self.first(x).squeeze(-1), self.second(x).squeeze(-1)

    def q1(self, s, a):
        return self.first(torch.cat([s, a], 1)).squeeze(-1)


def descend(optimiser, loss):
    """A step for the optimiser's own parameters: what else the loss passes through collects no gradient."""
    optimiser.zero_grad()
    loss.backward(inputs=[p for group in optimiser.param_groups for p in group["params"]])
    optimiser.step()


@torch.no_grad()
def blend(target, net, share=0.005):
    for t, p in zip(target.parameters(), net.parameters(), strict=True):
        t.lerp_(p, share)


def iql(given, rate=3e-4, discount=0.99, expectile=0.7, beta=3.0, max_weight=100.0, steps=1_000_000):
    draw = transitions(given)
    policy, log_spread = layers(given, given.observations, given.actions), nn.Parameter(torch.zeros(given.actions))
    critic, value = Twins(given), layers(given, given.observations, 1)
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
        loss = F.mse_loss(q1, backup) + F.mse_loss(q2, backup)
        descend(critic_optimiser, loss)
        blend(target, critic)
        return loss.detach()

    return update, [*policy.parameters(), log_spread, *critic.parameters(), *value.parameters()], 1


def td3_bc(given, rate=3e-4, discount=0.99, greed=2.5, smoothing=0.2, bound=0.5, delay=2):
    draw = transitions(given)
    policy, critic = layers(given, given.observations, given.actions), Twins(given)
    policy_target, critic_target = (copy.deepcopy(net).requires_grad_(False) for net in (policy, critic))
    policy_optimiser = torch.optim.Adam(policy.parameters(), lr=rate)
    critic_optimiser = torch.optim.Adam(critic.parameters(), lr=rate)
    turn = 0

    def update():
        nonlocal turn
        turn = (turn + 1) % delay
        s, a, r, s_next, goes_on = draw()
        with torch.no_grad():
            noise = (torch.randn_like(a) * smoothing).clamp(-bound, bound)
            a_next = (policy_target(s_next).tanh() + noise).clamp(-1, 1)
            backup = r + discount * goes_on * torch.min(*critic_target(s_next, a_next))
        q1, q2 = critic(s, a)
        loss = F.mse_loss(q1, backup) + F.mse_loss(q2, backup)
        descend(critic_optimiser, loss)
        if turn == 0:
            pi = policy(s).tanh()
            q = critic.q1(s, pi)
            descend(policy_optimiser, F.mse_loss(pi, a) - greed / q.abs().mean().detach() * q.mean())
            blend(critic_target, critic)
            blend(policy_target, policy)
        return loss.detach()

    return update, [*policy.parameters(), *critic.parameters()], delay


def sac(given, rate=3e-4, discount=0.99):
    draw = transitions(given)
    policy, critic = layers(given, given.observations, 2 * given.actions), Twins(given)
    target = copy.deepcopy(critic).requires_grad_(False)
    log_temperature = nn.Parameter(torch.zeros(()))
    policy_optimiser = torch.optim.Adam(policy.parameters(), lr=rate)
    critic_optimiser = torch.optim.Adam(critic.parameters(), lr=rate)
    temperature_optimiser = torch.optim.Adam([log_temperature], lr=rate)

    def act(s):
        mean, log_spread = policy(s).chunk(2, -1)
        normal = torch.distributions.Normal(mean, log_spread.clamp(-5, 2).exp(), validate_args=False)
        u = normal.rsample()
        slope = 2 * (0.6931471805599453 - u - F.softplus(-2 * u))
        return u.tanh(), (normal.log_prob(u) - slope).sum(-1)

    def update():
        s, a, r, s_next, goes_on = draw()
        temperature = log_temperature.detach().exp()
        with torch.no_grad():
            a_next, log_prob = act(s_next)
            backup = r + discount * goes_on * (torch.min(*target(s_next, a_next)) - temperature * log_prob)
        q1, q2 = critic(s, a)
        loss = F.mse_loss(q1, backup) + F.mse_loss(q2, backup)
        descend(critic_optimiser, loss)

        pi, log_prob = act(s)
        descend(policy_optimiser, (temperature * log_prob - torch.min(*critic(s, pi))).mean())
        descend(temperature_optimiser, -(log_temperature * (log_prob.detach() - given.actions).mean()))
        blend(target, critic)
        return loss.detach()

    return update, [*policy.parameters(), *critic.parameters(), log_temperature], 1
