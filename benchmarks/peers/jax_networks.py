"""A diffusion policy, a causal transformer and a convolutional encoder in JAX, in the form of jax_control.py."""

import jax
import jax.numpy as jnp
from jax_learner import blend, descend, learner, linear, mlp, through


def diffusion(given, key, rate=1e-3, levels=100, time_size=32):
    start, seen = jax.random.split(key)
    observation = jax.random.normal(seen, (given.rows, given.observations))
    chunk = jnp.tanh(observation[:, jnp.arange(given.chunk) % given.observations])
    kept = jnp.cumprod(1 - jnp.linspace(1e-4, 0.02, levels))
    frequencies = 10_000 ** (-jnp.arange(time_size // 2) / (time_size // 2))
    params = mlp(start, given.observations + given.chunk + time_size, *[given.width] * 3, given.chunk)

    def step(state, data, key, _turn):
        rows, level, draw = jax.random.split(key, 3)
        at = jax.random.randint(rows, (given.batch,), 0, given.rows)
        level = jax.random.randint(level, (given.batch, 1), 0, levels)
        left = kept[level]
        noise = jax.random.normal(draw, (given.batch, given.chunk))
        noisy = data["chunk"][at] * jnp.sqrt(left) + noise * jnp.sqrt(1 - left)
        angle = level * frequencies
        x = jnp.concatenate([data["observation"][at], noisy, jnp.sin(angle), jnp.cos(angle)], -1)

        def miss(params):
            return jnp.square(through(params, x, jax.nn.silu) - noise).mean()

        denoiser, loss = descend(state["denoiser"], miss, rate)
        return {"denoiser": denoiser, "average": blend(state["average"], denoiser["params"])}, loss

    state = {"denoiser": learner(params), "average": params}
    return state, {"observation": observation, "chunk": chunk}, step, ["denoiser"], 1


def norm(params, x):
    centred = x - x.mean(-1, keepdims=True)
    return centred * jax.lax.rsqrt(jnp.square(centred).mean(-1, keepdims=True) + 1e-5) * params["scale"] + params["bias"]


def dense(params, x):
    return x @ params["weight"] + params["bias"]


def gpt(given, key):
    def normal(key, *shape):
        return 0.02 * jax.random.normal(key, shape)

    def layer(key, inputs, outputs):
        return {"weight": normal(key, inputs, outputs), "bias": jnp.zeros(outputs)}

    def even():
        return {"scale": jnp.ones(given.size), "bias": jnp.zeros(given.size)}

    def block(key):
        keys = jax.random.split(key, 4)
        size = given.size
        return {
            "before_attention": even(),
            "inner": layer(keys[0], size, 3 * size),
            "outer": layer(keys[1], size, size),
            "before_feed": even(),
            "up": layer(keys[2], size, 4 * size),
            "down": layer(keys[3], 4 * size, size),
        }

    tokens, places, blocks = jax.random.split(key, 3)
    return {
        "tokens": normal(tokens, given.vocabulary, given.size),
        "places": normal(places, given.length, given.size),
        "blocks": [block(k) for k in jax.random.split(blocks, given.layers)],
        "norm": even(),
    }


def heads_of(given, params, x):
    parts = jnp.split(dense(params["inner"], norm(params["before_attention"], x)), 3, -1)
    return [p.reshape(*p.shape[:-1], given.heads, given.size // given.heads).swapaxes(1, 2) for p in parts]


def attended(q, k, v, visible):
    weight = jnp.where(visible, q @ k.swapaxes(-1, -2) * q.shape[-1] ** -0.5, -jnp.inf)
    return jax.nn.softmax(weight, -1) @ v


def after(params, x, seen):
    x = x + dense(params["outer"], seen.swapaxes(1, 2).reshape(x.shape))
    fed = jax.nn.gelu(dense(params["up"], norm(params["before_feed"], x)), approximate=False)
    return x + dense(params["down"], fed)


def language_model(given, key, rate=1e-3):
    row, place = jnp.arange(given.rows)[:, None], jnp.arange(given.length + 1)
    tokens = (row * 31 + place * (1 + row % 7)) % given.vocabulary
    visible = jnp.tril(jnp.ones((given.length, given.length), bool))

    def scores(params, tokens):
        x = params["tokens"][tokens] + params["places"]
        for block in params["blocks"]:
            x = after(block, x, attended(*heads_of(given, block, x), visible))
        return norm(params["norm"], x) @ params["tokens"].T

    def step(state, data, key, _turn):
        batch = data[jax.random.randint(key, (given.batch,), 0, given.rows)]

        def surprise(params):
            log = jax.nn.log_softmax(scores(params, batch[:, :-1]))
            return -jnp.take_along_axis(log, batch[:, 1:, None], -1).mean()

        model, loss = descend(state["model"], surprise, rate)
        return {"model": model}, loss

    return {"model": learner(gpt(given, key))}, tokens, step, ["model"], 1


def encoder(given, key, rate=3e-4):
    keys = jax.random.split(key, 6)
    picture = jax.random.normal(keys[0], (given.rows, 64, 64, 3))  # channels last, as XLA has it on processors
    label = picture[:, : given.outputs, :, 0].sum(2) / 8
    layers = [(8, 3, 32, 4), (4, 32, 64, 2), (3, 64, 64, 1)]

    def filters(key, taps, inputs, outputs):
        bound = (inputs * taps * taps) ** -0.5
        weight = jax.random.uniform(key, (taps, taps, inputs, outputs), minval=-bound, maxval=bound)
        return {"weight": weight, "bias": jnp.zeros(outputs)}

    params = {
        "filters": [filters(k, *layer[:3]) for k, layer in zip(keys[1:4], layers, strict=True)],
        "trunk": linear(keys[4], 1024, 512),
        "head": linear(keys[5], 512, given.outputs),
    }

    def step(state, data, key, _turn):
        at = jax.random.randint(key, (given.batch,), 0, given.rows)
        x, wanted = data["picture"][at], data["label"][at]

        def miss(params):
            h = x
            for layer, (*_, stride) in zip(params["filters"], layers, strict=True):
                form = ("NHWC", "HWIO", "NHWC")
                h = jax.lax.conv_general_dilated(h, layer["weight"], (stride, stride), "VALID", dimension_numbers=form)
                h = jax.nn.relu(h + layer["bias"])
            h = jax.nn.relu(dense(params["trunk"], h.reshape(given.batch, -1)))
            return jnp.square(dense(params["head"], h) - wanted).mean()

        net, loss = descend(state["encoder"], miss, rate)
        return {"encoder": net}, loss

    return {"encoder": learner(params)}, {"picture": picture, "label": label}, step, ["encoder"], 1
