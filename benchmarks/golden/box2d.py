"""Golden values of src/envs/physics: trajectories and returns of Gymnasium's Box2D worlds.

pip install swig; pip install "gymnasium[box2d]==1.4.0"; python benchmarks/golden/box2d.py
"""

import json
import math
from pathlib import Path

import gymnasium as gym
import numpy as np
from gymnasium.envs.box2d.bipedal_walker import BipedalWalker, BipedalWalkerHeuristics
from gymnasium.envs.box2d.lunar_lander import LunarLander, heuristic


class Sequence:
    """In place of a generator: the multiples of the golden ratio, so that the same draws can be made elsewhere."""

    def __init__(self):
        self.drawn = 0

    def fraction(self):
        self.drawn += 1
        return (self.drawn * 0.6180339887498949) % 1.0

    def uniform(self, low=0.0, high=1.0, size=None):
        if size is None:
            return low + (high - low) * self.fraction()
        return np.array([low + (high - low) * self.fraction() for _ in range(size[0])])

    def random(self):
        return self.fraction()

    def integers(self, low, high):
        return int(low + math.floor(self.fraction() * (high - low)))


def trajectory(make, name, actions, options):
    env = make(**options)
    env._generate_clouds = lambda: None
    sequence = Sequence()
    env._np_random = sequence
    observation, _ = env.reset()
    observations, rewards, terminated = [observation.tolist()], [], False
    for action in actions:
        observation, reward, terminated, _, _ = env.step(np.array(action) if isinstance(action, list) else action)
        observations.append([round(float(v), 7) for v in observation])
        rewards.append(round(float(reward), 6))
        if terminated:
            break
    return {
        "env": name,
        "options": options,
        "actions": actions[: len(rewards)],
        "observations": observations,
        "rewards": rewards,
        "terminated": bool(terminated),
    }


def lander_cases():
    cycle = [0, 0, 2, 2, 1, 0, 2, 3, 3, 0, 2, 1]
    discrete = [cycle[t % len(cycle)] for t in range(40)]
    continuous = [[round(math.sin(0.3 * t), 3), round(math.cos(0.2 * t), 3)] for t in range(40)]
    yield trajectory(LunarLander, "LunarLander-v3", discrete, {})
    yield trajectory(LunarLander, "LunarLander-v3", discrete, {"gravity": -7.0, "enable_wind": True})
    yield trajectory(LunarLander, "LunarLanderContinuous-v3", continuous, {"continuous": True})


def walker_cases():
    actions = [[round(math.sin(0.15 * t + k), 3) for k in range(4)] for t in range(25)]
    yield trajectory(BipedalWalker, "BipedalWalker-v3", actions, {})
    yield trajectory(BipedalWalker, "BipedalWalkerHardcore-v3", actions, {"hardcore": True})


def terrain(hardcore):
    env = BipedalWalker(hardcore=hardcore)
    env._np_random = Sequence()
    env._generate_terrain(hardcore)
    return [round(float(y), 6) for y in env.terrain_y]


def summary(values):
    return {"mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1)), "n": len(values)}


def returns(name, options, episodes, decide):
    env = gym.make(name, **options)
    totals, lengths = [], []
    for episode in range(episodes):
        observation, _ = env.reset(seed=episode)
        env.action_space.seed(episode)
        act = decide(env)
        total, length, over = 0.0, 0, False
        while not over:
            observation, reward, terminated, truncated, _ = env.step(act(observation))
            total += float(reward)
            length += 1
            over = terminated or truncated
        totals.append(total)
        lengths.append(length)
    return {"return": summary(totals), "length": summary(lengths)}


def walking(env):
    heuristics = BipedalWalkerHeuristics()
    heuristics.a = np.zeros(4)
    return lambda observation: heuristics.step_heuristic(observation).astype(np.float32)


at_random = lambda env: lambda observation: env.action_space.sample()
landing = lambda env: lambda observation: heuristic(env, observation)

golden = {
    "trajectories": [*lander_cases(), *walker_cases()],
    "terrain": {"plain": terrain(False), "hardcore": terrain(True)},
    "returns": {
        "LunarLander-v3 random": returns("LunarLander-v3", {}, 1000, at_random),
        "LunarLander-v3 heuristic": returns("LunarLander-v3", {}, 500, landing),
        "LunarLander-v3 heuristic in wind": returns("LunarLander-v3", {"enable_wind": True}, 300, landing),
        "LunarLanderContinuous-v3 heuristic": returns("LunarLander-v3", {"continuous": True}, 500, landing),
        "BipedalWalker-v3 random": returns("BipedalWalker-v3", {}, 60, at_random),
        "BipedalWalker-v3 heuristic": returns("BipedalWalker-v3", {}, 60, walking),
        "BipedalWalkerHardcore-v3 heuristic": returns("BipedalWalker-v3", {"hardcore": True}, 60, walking),
    },
}

path = Path(__file__).parents[2] / "src/envs/physics/box2d.golden.json"
path.write_text(json.dumps(golden) + "\n")
for name, measured in golden["returns"].items():
    print(name, measured)
