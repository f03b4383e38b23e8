"""A diffusion policy, a causal transformer and a convolutional encoder in PyTorch: an update, what it trains, and 1."""

import copy

import torch
import torch.nn.functional as F
from torch import nn


def step(optimiser, loss):
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()


def diffusion(given, rate=1e-3, levels=100, time_size=32):
    observation = torch.randn(given.rows, given.observations)
    chunk = observation[:, torch.arange(given.chunk) % given.observations].tanh()
    kept = torch.cumprod(1 - torch.linspace(1e-4, 0.02, levels), 0)
    frequencies = 10_000 ** (-torch.arange(time_size // 2) / (time_size // 2))
    sizes = [given.observations + given.chunk + time_size, given.width, given.width, given.width]
    parts = []
    for n, m in zip(sizes[:-1], sizes[1:], strict=True):
        parts += [nn.Linear(n, m), nn.SiLU()]
    denoiser = nn.Sequential(*parts, nn.Linear(given.width, given.chunk))
    average = copy.deepcopy(denoiser).requires_grad_(False)
    optimiser = torch.optim.Adam(denoiser.parameters(), lr=rate)

    def update():
        at = torch.randint(0, given.rows, (given.batch,))
        level = torch.randint(0, levels, (given.batch,))
        left = kept[level].unsqueeze(-1)
        noise = torch.randn(given.batch, given.chunk)
        noisy = chunk[at] * left.sqrt() + noise * (1 - left).sqrt()
        angle = level.unsqueeze(-1) * frequencies
        guess = denoiser(torch.cat([observation[at], noisy, angle.sin(), angle.cos()], -1))
        loss = step(optimiser, F.mse_loss(guess, noise))
        with torch.no_grad():
            for a, p in zip(average.parameters(), denoiser.parameters(), strict=True):
                a.lerp_(p, 0.005)
        return loss

    return update, [*denoiser.parameters()], 1


class Block(nn.Module):
    def __init__(self, size, heads):
        super().__init__()
        self.heads = heads
        self.before_attention, self.before_feed = nn.LayerNorm(size), nn.LayerNorm(size)
        self.inner, self.outer = nn.Linear(size, 3 * size), nn.Linear(size, size)
        self.feed = nn.Sequential(nn.Linear(size, 4 * size), nn.GELU(), nn.Linear(4 * size, size))

    def split(self, x):
        rows, time, size = x.shape
        parts = self.inner(self.before_attention(x)).split(size, -1)
        return (part.view(rows, time, self.heads, size // self.heads).transpose(1, 2) for part in parts)

    def after(self, x, seen):
        x = x + self.outer(seen.transpose(1, 2).reshape(x.shape))
        return x + self.feed(self.before_feed(x))

    def forward(self, x):
        q, k, v = self.split(x)
        return self.after(x, F.scaled_dot_product_attention(q, k, v, is_causal=True))

    def step(self, x, keys, values, place):
        """One new place, with what came before in keys and values [rows, heads, length, size]."""
        q, k, v = self.split(x)
        keys[:, :, place], values[:, :, place] = k[:, :, 0], v[:, :, 0]
        return self.after(x, F.scaled_dot_product_attention(q, keys[:, :, : place + 1], values[:, :, : place + 1]))


class Gpt(nn.Module):
    def __init__(self, given):
        super().__init__()
        self.tokens, self.places = nn.Embedding(given.vocabulary, given.size), nn.Embedding(given.length, given.size)
        self.blocks = nn.ModuleList(Block(given.size, given.heads) for _ in range(given.layers))
        self.norm = nn.LayerNorm(given.size)
        for parameter in self.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.02)

    def scores(self, x):
        return F.linear(self.norm(x), self.tokens.weight)

    def forward(self, tokens):
        x = self.tokens(tokens) + self.places.weight[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.scores(x)

    def step(self, token, cache, place):
        x = (self.tokens(token) + self.places.weight[place]).unsqueeze(1)
        for block, (keys, values) in zip(self.blocks, cache, strict=True):
            x = block.step(x, keys, values, place)
        return self.scores(x.squeeze(1))


def language_model(given, rate=1e-3):
    row, place = torch.arange(given.rows).unsqueeze(1), torch.arange(given.length + 1)
    tokens = (row * 31 + place * (1 + row % 7)) % given.vocabulary
    model = Gpt(given)
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)

    def update():
        batch = tokens[torch.randint(0, given.rows, (given.batch,))]
        scores = model(batch[:, :-1])
        return step(optimiser, F.cross_entropy(scores.flatten(0, 1), batch[:, 1:].flatten()))

    return update, [*model.parameters()], 1


def encoder(given, rate=3e-4):
    picture = torch.randn(given.rows, 3, 64, 64)
    label = picture[:, 0, : given.outputs].sum(-1) / 8
    net = nn.Sequential(
        *(nn.Conv2d(3, 32, 8, 4), nn.ReLU(), nn.Conv2d(32, 64, 4, 2), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(1024, 512), nn.ReLU(), nn.Linear(512, given.outputs)),
    )
    optimiser = torch.optim.Adam(net.parameters(), lr=rate)

    def update():
        at = torch.randint(0, given.rows, (given.batch,))
        return step(optimiser, F.mse_loss(net(picture[at]), label[at]))

    return update, [*net.parameters()], 1
