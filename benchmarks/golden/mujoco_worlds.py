"""Golden trajectories of Gymnasium's MuJoCo worlds and Gymnasium-Robotics' mazes, for src/envs/mujoco/parity.test.ts.

    pip install gymnasium==1.4.0 gymnasium-robotics==1.4.2 mujoco==3.14.0
    python benchmarks/golden/mujoco_worlds.py src/envs/mujoco/golden          what the test holds: some of 200 steps from 5 states
    python benchmarks/golden/mujoco_worlds.py --all /tmp/all                  every step, to the last digit
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
RESTART = {"HalfCheetah-v5": 25, "Ant-v5": 40, "InvertedDoublePendulum-v5": 40, "AntMaze_UMaze-v5": 40}
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
# Each option at another value than its own, for 20 steps from one state.
VARIANTS = [
    (
        "Hopper-v5",
        dict(
            frame_skip=3,
            forward_reward_weight=2.0,
            ctrl_cost_weight=0.1,
            healthy_reward=0.5,
            healthy_state_range=(-2.0, 2.0),
            healthy_z_range=(1.1, 1.3),
            healthy_angle_range=(-0.1, 0.1),
            exclude_current_positions_from_observation=False,
        ),
    ),
    (
        "Walker2d-v5",
        dict(
            frame_skip=3,
            forward_reward_weight=2.0,
            ctrl_cost_weight=0.1,
            healthy_reward=0.5,
            healthy_z_range=(1.1, 1.3),
            healthy_angle_range=(-0.1, 0.1),
            exclude_current_positions_from_observation=False,
        ),
    ),
    (
        "HalfCheetah-v5",
        dict(
            frame_skip=3,
            forward_reward_weight=2.0,
            ctrl_cost_weight=0.3,
            exclude_current_positions_from_observation=False,
        ),
    ),
    (
        "Swimmer-v5",
        dict(
            frame_skip=3,
            forward_reward_weight=2.0,
            ctrl_cost_weight=0.3,
            exclude_current_positions_from_observation=False,
        ),
    ),
    (
        "Ant-v5",
        dict(
            frame_skip=3,
            forward_reward_weight=2.0,
            ctrl_cost_weight=0.1,
            contact_cost_weight=0.1,
            healthy_reward=0.5,
            main_body="front_left_leg",
            healthy_z_range=(0.5, 0.9),
            contact_force_range=(-0.1, 0.2),
            exclude_current_positions_from_observation=False,
        ),
    ),
    ("Ant-v5", dict(terminate_when_unhealthy=False, main_body=4, include_cfrc_ext_in_observation=False)),
    ("InvertedPendulum-v5", dict(frame_skip=3)),
    ("InvertedDoublePendulum-v5", dict(frame_skip=3, healthy_reward=5.0)),
    ("Reacher-v5", dict(frame_skip=3, reward_dist_weight=2.0, reward_control_weight=0.3)),
    ("Pusher-v5", dict(frame_skip=3, reward_near_weight=2.0, reward_dist_weight=0.7, reward_control_weight=0.3)),
    (
        "Humanoid-v5",
        dict(
            frame_skip=3,
            forward_reward_weight=2.0,
            ctrl_cost_weight=0.3,
            contact_cost_weight=0.01,
            contact_cost_range=(0.1, 2.0),
            healthy_reward=3.0,
            healthy_z_range=(1.3, 1.5),
            exclude_current_positions_from_observation=False,
            include_cinert_in_observation=False,
            include_qfrc_actuator_in_observation=False,
        ),
    ),
    (
        "HumanoidStandup-v5",
        dict(
            frame_skip=3,
            ctrl_cost_weight=0.3,
            impact_cost_weight=0.01,
            impact_cost_range=(0.1, 2.0),
            include_cvel_in_observation=False,
            include_cfrc_ext_in_observation=False,
        ),
    ),
    ("PointMaze_Open_Diverse_GDense-v3", {}),
    ("PointMaze_UMaze-v3", dict(reward_type="dense")),
    ("AntMaze_Large_Diverse_GDense-v5", dict(include_cfrc_ext_in_observation=False)),
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


def trajectory(env, case, everything, steps=STEPS):
    name = env.spec.id
    rng = np.random.default_rng(1000 + case)
    world, inner, qpos, qvel = start(env, case, rng)
    low, high = inner.model.actuator_ctrlrange.T
    memory = memory_of(name, world, inner)
    checks, restarts = [], []
    for t in range(1, steps + 1):
        observation, reward, terminated, _, info = world.step(action(t, case, low, high))
        kept = everything or t == 1 or t % 10 == 0
        if kept:
            seen = flat(observation)
            whole = everything or (t == steps and case < 3)
            seen = seen if whole else seen[: PREFIX.get(name, len(seen))]
            if PREFIX.get(name) and not whole and t % 50:
                seen = seen[:0]
            check = [t, float(reward) if everything else rounded([reward])[0], int(terminated)]
            check.append(np.asarray(seen).tolist() if everything else rounded(seen))
            if "Maze" in name:
                check.append([*observation["achieved_goal"].tolist(), int(info["success"])])
            checks.append(check)
        if name in RESTART and t % RESTART[name] == 0 and t < steps:
            restarts.append([t, state_of(inner.model, inner.data), memory_of(name, world, inner)])
    told = {k: rounded(v) if np.ndim(v) else rounded([v])[0] for k, v in info.items()}
    first = {"qpos": qpos.tolist(), "qvel": qvel.tolist(), "memory": memory}
    return {**first, "checks": checks, "restarts": restarts, "info": told}


def golden(name, options, cases, everything=False, steps=STEPS):
    env = gymnasium.make(name, **options)
    space = env.observation_space
    return {
        "name": name,
        "options": options,
        "maxSteps": env.spec.max_episode_steps,
        "observation": {k: v.shape[0] for k, v in space.items()} if hasattr(space, "items") else space.shape[0],
        "action": [env.action_space.low.tolist(), env.action_space.high.tolist()],
        "cases": [trajectory(env, case, everything, steps) for case in cases],
    }


def write(path, content):
    versions = {"gymnasium": gymnasium.__version__, "mujoco": mujoco.__version__}
    text = json.dumps({**versions, "worlds": content}, separators=(",", ":"))
    path.write_text(text + "\n")
    print(f"{path.name}: {len(text) / 1000:.0f} kB")


def main():
    everything = sys.argv[1] == "--all"
    folder = Path(sys.argv[-1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in WORLDS:
        write(folder / f"{name}.golden.json", [golden(name, {}, range(5), everything)])
    write(folder / "options.golden.json", [golden(name, options, [2], steps=20) for name, options in VARIANTS])


main()
