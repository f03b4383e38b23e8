"""The peer of `npm run bench` in JAX: whole updates compiled, state donated, minibatches drawn inside.

`--scan 1` is an update a call; `--scan 16` makes sixteen in one, as ours does.

python jax_updates.py --program iql --scan 16 --width 256 --batch 256 --threads 1 --observations 17 --actions 6 --rows 100000
"""

import os

from serve import given, serve

flags = given(program=["iql", "td3-bc", "sac", "diffusion", "language-model", "encoder"])
# XLA makes as many threads as it may use processors, and has no other setting for it that holds everywhere.
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: flags.threads])
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402  what is set above must be set before
import jax.numpy as jnp  # noqa: E402

import jax_control  # noqa: E402
import jax_networks  # noqa: E402

programs = {
    "iql": jax_control.iql,
    "td3-bc": jax_control.td3_bc,
    "sac": jax_control.sac,
    "diffusion": jax_networks.diffusion,
    "language-model": jax_networks.language_model,
    "encoder": jax_networks.encoder,
}
state, data, step, trained, cycle = programs[flags.program](flags, jax.random.key(0))
parameters = sum(leaf.size for name in trained for leaf in jax.tree.leaves(state[name]["params"]))
state = jax.tree.map(jnp.copy, state)  # what is donated may not be held twice


def updates(turns):
    """The update at each of these turns of the cycle in one call, which hands out a loss."""

    def run(state, data, key):
        for turn in turns:
            key, own = jax.random.split(key)
            state, loss = step(state, data, own, turn)
        return state, key, loss

    return run


def scanned(state, data, key):
    whole = updates(range(cycle))

    def body(carry, _):
        state, key, loss = whole(carry[0], data, carry[1])
        return (state, key), loss

    (state, key), losses = jax.lax.scan(body, (state, key), length=max(1, flags.scan // cycle))
    return state, key, losses[-1]


calls = [scanned] if flags.scan > 1 else [updates([turn]) for turn in range(cycle)]
calls = [jax.jit(call, donate_argnums=(0, 2)) for call in calls]
key, made = jax.random.key(1), 0


def update():
    global state, key, made
    state, key, loss = calls[made % len(calls)](state, data, key)
    made += 1
    return loss


for _ in range(4):
    update().block_until_ready()
how = "jit" if flags.scan == 1 else f"jit of {flags.scan} updates scanned"
serve(f"JAX {jax.__version__}, {how}", update, parameters, each=flags.scan, wait=lambda loss: loss.block_until_ready())
