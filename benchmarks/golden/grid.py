"""Golden episodes of MiniGrid: python benchmarks/golden/grid.py (minigrid 3.2.0).

Levels are stored cell by cell, so no seeding is shared. Actions are random, leaning towards what could do something;
each observation is kept as a checksum, of the agent's view and of the whole grid. Balls that move are held still, as
their moves are drawn; what happens when one runs into them is not.

Of levels, which are drawn otherwise here, the means and spreads of what they hold are kept. Levels about named things,
signs and rooms are in a file of their own, with the names of all levels that MiniGrid registers.
"""

import json
import pathlib

import gymnasium
import minigrid
import numpy as np
from minigrid.core.constants import COLOR_TO_IDX, OBJECT_TO_IDX
from minigrid.wrappers import FullyObsWrapper

gymnasium.register_envs(minigrid)
random = np.random.default_rng(11)

# By file. name: (episodes that succeed, others, steps at most)
WANTED = {"grid": {
    "MiniGrid-Empty-Random-6x6-v0": (2, 0, 60),
    "MiniGrid-FourRooms-v0": (1, 1, 60),
    "MiniGrid-DoorKey-5x5-v0": (2, 1, 120),
    "MiniGrid-DoorKey-8x8-v0": (0, 1, 120),
    "MiniGrid-LavaGapS6-v0": (1, 2, 60),
    "MiniGrid-LavaCrossingS9N2-v0": (0, 3, 60),
    "MiniGrid-SimpleCrossingS11N5-v0": (0, 2, 100),
    "MiniGrid-MultiRoom-N2-S4-v0": (2, 1, 40),
    "MiniGrid-MultiRoom-N6-v0": (0, 1, 120),
    "MiniGrid-KeyCorridorS3R1-v0": (2, 1, 200),
    "MiniGrid-KeyCorridorS4R3-v0": (0, 2, 150),
    "MiniGrid-ObstructedMaze-1Dl-v0": (1, 0, 250),
    "MiniGrid-ObstructedMaze-1Dlhb-v0": (1, 1, 250),
    "MiniGrid-ObstructedMaze-Full-v1": (0, 3, 150),
    "MiniGrid-GoToDoor-6x6-v0": (2, 4, 40),
    "MiniGrid-Unlock-v0": (2, 0, 200),
    "MiniGrid-UnlockPickup-v0": (1, 1, 280),
    "MiniGrid-Dynamic-Obstacles-6x6-v0": (2, 4, 60),
}, "grid-named": {
    "MiniGrid-MemoryS7-v0": (2, 2, 120),
    "MiniGrid-MemoryS9-v0": (1, 1, 150),
    "MiniGrid-MemoryS17Random-v0": (1, 2, 150),
    "MiniGrid-Fetch-5x5-N2-v0": (2, 2, 60),
    "MiniGrid-Fetch-8x8-N3-v0": (1, 1, 60),
    "MiniGrid-GoToObject-6x6-N2-v0": (2, 3, 60),
    "MiniGrid-PutNear-6x6-N2-v0": (3, 4, 30),
    "MiniGrid-PutNear-8x8-N3-v0": (1, 2, 40),
    "MiniGrid-BlockedUnlockPickup-v0": (0, 2, 200),
    "MiniGrid-LockedRoom-v0": (0, 2, 150),
    "MiniGrid-RedBlueDoors-6x6-v0": (2, 2, 120),
    "MiniGrid-DistShift1-v0": (0, 1, 60),
    "MiniGrid-DistShift2-v0": (1, 1, 100),
    "MiniGrid-Playground-v0": (0, 2, 100),
}}


def packed(thing):
    if thing is None:
        return OBJECT_TO_IDX["empty"]
    kind, colour, state = thing.encode()
    inside = packed(thing.contains) if thing.contains is not None else 0
    return int(kind) | int(colour) << 4 | int(state) << 7 | inside << 9


def checksum(image):
    """Four digits of base 36: images that differ in one number never share one."""
    total = 0
    for value in image.ravel():
        total = (total * 131 + int(value)) % 36**4
    return np.base_repr(total, 36).lower().zfill(4)


def cell_of(env, place):
    return int(place[1] * env.width + place[0])


def thing_of(kind, colour):
    return OBJECT_TO_IDX[kind] | COLOR_TO_IDX[colour] << 4


PHRASES = ["get a ", "go get a ", "fetch a ", "go fetch a ", "you must fetch a "]


def aims(env):
    """Target, other, named and phrase, as src/envs/grid/level.ts has them, where they are not what older families have."""
    match type(env).__name__:
        case "MemoryEnv":
            return {"target": cell_of(env, env.success_pos), "other": cell_of(env, env.failure_pos), "named": []}
        case "FetchEnv":
            what = thing_of(env.targetType, env.targetColor)
            phrase = next(i for i, words in enumerate(PHRASES) if env.mission.startswith(words))
            return {"target": what, "named": [what], "phrase": phrase}
        case "GoToObjectEnv":
            return {"target": cell_of(env, env.target_pos), "named": [thing_of(env.targetType, env.target_color)]}
        case "PutNearEnv":
            moved, stays = thing_of(env.move_type, env.moveColor), thing_of(env.target_type, env.target_color)
            return {"target": moved, "other": cell_of(env, env.target_pos), "named": [moved, stays]}
        case "RedBlueDoorEnv":
            cells = env.grid.grid
            return {"target": cells.index(env.blue_door), "other": cells.index(env.red_door), "named": []}
        case "LockedRoomEnv":
            locked, holds = (next(r.color for r in env.rooms if test(r)) for test in (lambda r: r.locked, lambda r: holds_key(env, r)))
            return {"target": 0, "named": [thing_of("key", locked), thing_of("door", holds)]}
        case "BlockedUnlockPickupEnv":
            return {"target": packed(env.obj), "named": [packed(env.obj)]}
        case "DistShiftEnv" | "PlaygroundEnv":
            return {"target": 0, "named": []}
    return {"target": target(env)}


def holds_key(env, room):
    (left, top), (width, height) = room.top, room.size
    inside = (env.grid.get(x, y) for x in range(left + 1, left + width - 1) for y in range(top + 1, top + height - 1))
    return any(thing is not None and thing.type == "key" for thing in inside)


def target(env):
    if hasattr(env, "target_pos"):
        return int(env.target_pos[1] * env.width + env.target_pos[0])
    if hasattr(env, "door"):
        return int(env.door.cur_pos[1] * env.width + env.door.cur_pos[0])
    return packed(env.obj) if hasattr(env, "obj") else 0


def choose(env):
    ahead = env.grid.get(*env.front_pos)
    ahead = None if ahead is None else ahead.type
    n, dice = env.action_space.n, random.random()
    if n == 3:
        return int(random.choice(3, p=[0.2, 0.25, 0.55])) if ahead in (None, "goal") or random.random() < 0.1 else int(random.integers(2))
    if ahead in ("key", "ball", "box") and dice < 0.6:
        return 3 if dice < 0.35 else 5
    if ahead == "door" and dice < 0.6:
        return 5
    if ahead is None and env.carrying and dice < 0.06:
        return 4
    if hasattr(env, "target_pos") and dice < 0.1:
        return 6
    return int(random.choice(7, p=[0.18, 0.2, 0.5, 0.04, 0.03, 0.04, 0.01])) if n == 7 else 0


def hold(*_, **__):
    raise RuntimeError("held still")


def episode(name, seed, most):
    whole = FullyObsWrapper(gymnasium.make(name, disable_env_checker=True).unwrapped)
    env = whole.unwrapped
    seen, _ = env.reset(seed=seed)
    if name.startswith("MiniGrid-Dynamic"):
        env.place_obj = hold
    full = lambda: whole.observation({"image": None, "direction": 0, "mission": ""})["image"]
    out = {
        **{"env": name, "width": env.width, "height": env.height, "maxSteps": env.max_steps, "mission": env.mission},
        "cells": [packed(thing) for thing in env.grid.grid],
        "agent": [int(env.agent_pos[0]), int(env.agent_pos[1]), int(env.agent_dir)],
        **aims(env),
        "obstacles": [int(ball.cur_pos[1] * env.width + ball.cur_pos[0]) for ball in getattr(env, "obstacles", [])],
        **{"views": [checksum(seen["image"])], "wholes": [checksum(full())], "directions": ""},
    }
    actions, rewards, terminated = [], [], False
    for _ in range(min(most, env.max_steps)):
        action = choose(env)
        seen, reward, terminated, _, _ = env.step(action)
        actions.append(action)
        rewards.append(float(f"{float(reward):.12g}"))
        out["views"].append(checksum(seen["image"]))
        out["wholes"].append(checksum(full()))
        out["directions"] += str(int(seen["direction"]))
        if terminated:
            break
    # Rewards are 0 until the last step; checksums of whole grids every tenth step and at the end.
    assert not any(rewards[:-1])
    out["wholes"] = "".join(value for t, value in enumerate(out["wholes"]) if t % 10 == 0 or t == len(actions))
    return {**out, "views": "".join(out["views"]), "actions": "".join(map(str, actions)), "reward": rewards[-1], "terminated": bool(terminated)}


def played(wanted):
    episodes = []
    for name, (successes, others, most) in wanted.items():
        for seed in range(400):
            if successes + others <= 0:
                break
            one = episode(name, seed, most)
            if one["reward"] > 0 and successes > 0:
                successes -= 1
            elif one["reward"] <= 0 and others > 0:
                others -= 1
            else:
                continue
            episodes.append(one)
        if successes + others > 0:
            print(f"{name}: {successes} successes and {others} others were not found")
    return episodes


DRAWN = {
    "grid": """Empty-Random-6x6 FourRooms DoorKey-8x8 LavaGapS7 LavaCrossingS9N3 SimpleCrossingS11N5 MultiRoom-N2-S4 MultiRoom-N6
    KeyCorridorS3R3 KeyCorridorS5R3 GoToDoor-8x8 Unlock UnlockPickup ObstructedMaze-1Dlhb ObstructedMaze-Full""",
    "grid-named": """MemoryS9 MemoryS17Random Fetch-8x8-N3 GoToObject-6x6-N2 PutNear-6x6-N2 PutNear-8x8-N3 BlockedUnlockPickup LockedRoom
    RedBlueDoors-6x6 DistShift2 Playground""",
}


def features(env):
    """Where the agent is and looks, where its aim is, and what lies about: numbers that a generator must spread alike."""
    cells = [packed(thing) for thing in env.grid.grid]
    kinds = [cell & 15 for cell in cells]
    aim = aims(env)
    goal, other = aim["target"], aim.get("other", 0)
    of_cells = ("MemoryEnv", "GoToObjectEnv", "GoToDoorEnv", "UnlockEnv", "RedBlueDoorEnv", "PlaygroundEnv")
    cell = kinds.index(8) if 8 in kinds else goal if type(env).__name__ in of_cells else cells.index(goal)
    (x, y), (ax, ay) = (cell % env.width, cell // env.width), map(int, env.agent_pos)
    colour = cells[cell] >> 4 & 7
    locked = sum(kind == 4 and (thing >> 7 & 3) == 2 for kind, thing in zip(kinds, cells))
    about = [ax, ay, int(env.agent_dir), x, y, abs(ax - x) + abs(ay - y), colour, kinds.count(2), kinds.count(4), locked, kinds.count(7)]
    return about + [other % env.width, other // env.width, kinds.count(5), kinds.count(6), *((aim.get("named", []) + [0, 0])[:2])]


for file, wanted in WANTED.items():
    random = np.random.default_rng(11)
    episodes, levels = played(wanted), {}
    for name in DRAWN[file].split():
        # ObstructedMaze-Full-v0 draws levels that cannot be solved; its v1 does not.
        name = f"MiniGrid-{name}-v{int(name == 'ObstructedMaze-Full')}"
        env = gymnasium.make(name, disable_env_checker=True).unwrapped
        rows = []
        for seed in range(400):
            env.reset(seed=seed)
            rows.append(features(env))
        # The older file has the first eleven.
        rows = np.array(rows)[:, : 11 if file == "grid" else None]
        levels[name] = {"count": len(rows), "mean": rows.mean(0).round(4).tolist(), "std": rows.std(0).round(4).tolist()}
    golden = {"minigrid": "3.2.0", "episodes": episodes, "levels": levels}
    if file == "grid-named":
        golden["names"] = sorted(name for name in gymnasium.registry if name.startswith("MiniGrid-") and "WFC" not in name)
    path = pathlib.Path(__file__).parents[2] / f"src/envs/grid/{file}.golden.json"
    path.write_text(json.dumps(golden, separators=(",", ":")))
    print(path, path.stat().st_size, len(episodes), sum(len(e["actions"]) for e in episodes))
