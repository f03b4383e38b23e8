"""Steps a second of Gymnasium's environments: random actions drawn beforehand, episodes begun anew as they end."""

import importlib
import itertools

import gymnasium

from serve import given, serve

NAMES = ["CartPole-v1", "Hopper-v5", "MiniGrid-DoorKey-8x8-v0", "PointMaze_Medium-v3"]
MODES = ["single", "sync", "async", "vector_entry_point"]
flags = given(name=NAMES, mode=MODES)

# Each says much as it is imported, so only the one that is wanted is.
HOMES = {"MiniGrid": "minigrid", "PointMaze": "gymnasium_robotics"}
for prefix, module in HOMES.items():
    if flags.name.startswith(prefix):
        gymnasium.register_envs(importlib.import_module(module))

STEPS = 50
single = flags.mode == "single"
env = (
    gymnasium.make(flags.name)
    if single
    else gymnasium.make_vec(flags.name, num_envs=flags.size, vectorization_mode=flags.mode)
)
actions = itertools.cycle([env.action_space.sample() for _ in range(64)])
env.reset(seed=1)


def update():
    for _ in range(STEPS):
        _, _, terminated, truncated, _ = env.step(next(actions))
        # A vector resets by itself.
        if single and (terminated or truncated):
            env.reset()
    return 0.0


NAME = {
    "single": "Gymnasium",
    "sync": "Gymnasium, SyncVectorEnv",
    "async": "Gymnasium, AsyncVectorEnv",
    "vector_entry_point": "Gymnasium, its vectorised CartPole",
}[flags.mode]
serve(NAME, update, 0, each=STEPS * flags.size)
env.close()
