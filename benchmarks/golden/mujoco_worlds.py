"""Golden trajectories of Gymnasium's MuJoCo worlds and Gymnasium-Robotics' mazes, for src/envs/mujoco/parity.test.ts.

    pip install gymnasium==1.4.0 gymnasium-robotics==1.4.2 mujoco==3.14.0
    python benchmarks/golden/mujoco_worlds.py src/envs/mujoco/golden          what the test holds: some of 200 steps from 5 states
    python benchmarks/golden/mujoco_worlds.py --all /tmp/all                  every step, with no restart in between
"""

import json
import sys
from pathlib import Path

import gymnasium
import gymnasium_robotics
import mujoco
import numpy as np

gymnasium.register_envs(gymnasium_robotics)
STEPS = 200
STATE = mujoco.mjtState.mjSTATE_INTEGRATION

# Worlds in which the last bit of a contact grows past 1e-6 within 200 steps start again from Gymnasium's state.
RESTART = {"HalfCheetah-v5": 40, "Ant-v5": 40, "AntMaze_UMaze-v5": 40}
# How many leading numbers of an observation are kept; all of them at the last step of each case.
PREFIX = {"Humanoid-v5": 45, "HumanoidStandup-v5": 45, "Ant-v5": 27, "AntMaze_UMaze-v5": 27}
WORLDS = [
    "Hopper-v5",
    "Walker2d-v5",
    "HalfCheetah-v5",
    "Ant-v5",
    "Swimmer-v5",
    "InvertedPendulum-v5",
    "InvertedDoublePendulum-v5",
    "Reacher-v5",
    "Pusher-v5",
    "Humanoid-v5",
    "HumanoidStandup-v5",
    "PointMaze_UMaze-v3",
    "PointMaze_Medium_Diverse_GR-v3",
    "AntMaze_UMaze-v5",
]


def action(t, case, low, high):
    """The test computes the same: eighths of the range, so that float32 holds what float64 does."""
    j = np.arange(len(low))
    eighths = ((t // 3) * 7 + 13 * j + 5 * case + t * (j + 1)) % 17 - 8
    return (low + high) / 2 + (high - low) / 2 * (eighths / 8)


def rounded(values, digits=11):
    return [float(f"{v:.{digits}g}") for v in np.asarray(values, dtype=float).ravel()]


def flat(observation):
    return observation["observation"] if isinstance(observation, dict) else observation


def state_of(model, data):
    state = np.empty(mujoco.mj_stateSize(model, STATE))
    mujoco.mj_getState(model, data, state, STATE)
    return state.tolist()


def start(env, case, rng):
    """Two states as reset draws them, three wilder ones."""
    env.reset(seed=case)
    world = env.unwrapped
    inner = getattr(world, "ant_env", getattr(world, "point_env", world))
    qpos, qvel = inner.data.qpos.copy(), inner.data.qvel.copy()
    moved = {"Reacher-v5": 2, "Pusher-v5": 7}.get(env.spec.id, len(qvel))
    wild = max(0, case - 1)
    qpos[:moved] += 0.02 * wild * rng.uniform(-1, 1, moved)
    qvel[:moved] += 0.3 * wild * rng.standard_normal(moved)
    mujoco.mj_resetData(inner.model, inner.data)
    inner.set_state(qpos, qvel)
    return world, inner, qpos, qvel


def memory_of(name, world, inner):
    """What our world keeps beside the physics: where the body was when last looked at, and the goal."""
    goal = world.goal.tolist() if hasattr(world, "goal") and "Maze" in name else []
    if "Ant" in name:
        return goal + inner.data.body(1).xpos[:2].tolist()
    if name == "Humanoid-v5":
        mass = inner.model.body_mass
        return (mass @ inner.data.xipos / mass.sum())[:2].tolist()
    return goal


def trajectory(env, case, everything):
    name = env.spec.id
    rng = np.random.default_rng(1000 + case)
    world, inner, qpos, qvel = start(env, case, rng)
    low, high = inner.model.actuator_ctrlrange.T
    memory = memory_of(name, world, inner)
    checks, restarts = [], []
    steps = range(1, STEPS + 1)
    for t in steps:
        observation, reward, terminated, _, info = world.step(action(t, case, low, high))
        kept = everything or t == 1 or t % 10 == 0
        if kept:
            seen = flat(observation)
            whole = everything or (t == STEPS and case < 3)
            seen = seen if whole else seen[: PREFIX.get(name, len(seen))]
            if PREFIX.get(name) and not whole and t % 50:
                seen = seen[:0]
            check = [t, float(reward) if everything else rounded([reward])[0], int(terminated)]
            check.append(np.asarray(seen).tolist() if everything else rounded(seen))
            if "Maze" in name:
                check.append([*observation["achieved_goal"].tolist(), int(info["success"])])
            checks.append(check)
        if not everything and name in RESTART and t % RESTART[name] == 0 and t < STEPS:
            restarts.append([t, state_of(inner.model, inner.data), memory_of(name, world, inner)])
    return {"qpos": qpos.tolist(), "qvel": qvel.tolist(), "memory": memory, "checks": checks, "restarts": restarts}


def main():
    everything = sys.argv[1] == "--all"
    folder = Path(sys.argv[-1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in WORLDS:
        env = gymnasium.make(name)
        space = env.observation_space
        sizes = {k: v.shape[0] for k, v in space.items()} if hasattr(space, "items") else space.shape[0]
        golden = {
            "name": name,
            "gymnasium": gymnasium.__version__,
            "mujoco": mujoco.__version__,
            "maxSteps": env.spec.max_episode_steps,
            "observation": sizes,
            "action": [env.action_space.low.tolist(), env.action_space.high.tolist()],
            "cases": [trajectory(env, case, everything) for case in range(5)],
        }
        text = json.dumps(golden, separators=(",", ":"))
        (folder / f"{name}.golden.json").write_text(text + "\n")
        print(f"{name}: {len(text) / 1000:.0f} kB")


main()
