"""What JAX programs of the benchmark share: layers as pure functions of parameters, and Adam as Optax has it."""

import jax
import jax.numpy as jnp


def linear(key, inputs, outputs):
    weight, bias = jax.random.split(key)
    bound = inputs**-0.5
    return {
        "weight": jax.random.uniform(weight, (inputs, outputs), minval=-bound, maxval=bound),
        "bias": jax.random.uniform(bias, (outputs,), minval=-bound, maxval=bound),
    }


def mlp(key, *sizes):
    keys = jax.random.split(key, len(sizes) - 1)
    return [linear(k, n, m) for k, n, m in zip(keys, sizes[:-1], sizes[1:], strict=True)]


def through(layers, x, activation=jax.nn.relu):
    for layer in layers[:-1]:
        x = activation(x @ layer["weight"] + layer["bias"])
    return x @ layers[-1]["weight"] + layers[-1]["bias"]


def learner(params):
    zeros = jax.tree.map(jnp.zeros_like, params)
    return {"params": params, "mean": zeros, "square": jax.tree.map(jnp.copy, zeros), "step": jnp.zeros((), jnp.int32)}


def descend(state, loss, rate, b1=0.9, b2=0.999, epsilon=1e-8):
    value, slopes = jax.value_and_grad(loss)(state["params"])
    step = state["step"] + 1
    mean = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, state["mean"], slopes)
    square = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g * g, state["square"], slopes)
    t = step.astype(jnp.float32)
    first, second = 1 - b1**t, 1 - b2**t
    params = jax.tree.map(
        lambda p, m, v: p - rate * (m / first) / (jnp.sqrt(v / second) + epsilon), state["params"], mean, square
    )
    return {"params": params, "mean": mean, "square": square, "step": step}, value


def blend(target, towards, share=0.005):
    return jax.tree.map(lambda t, p: t + share * (p - t), target, towards)
