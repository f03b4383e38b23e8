"""Small files in the formats of others, written by their own software, for the tests of src/data/formats.

python -P benchmarks/golden/formats.py src/data/formats/fixtures

Made with minari 0.5.4, h5py 3.16.0, robomimic 0.3.0, lerobot 0.4.4 (dataset format v3.0), ray 2.60.0. Everything in
them is arithmetic on counters, so there is nothing to license. D4RL's own files come from scripts of its authors that
are not a package; the one here has the layout that `d4rl.qlearning_dataset` reads (Fu et al. 2020, arXiv:2004.07219).
"""

import json
import os
import shutil
import sys
from pathlib import Path

import h5py
import numpy as np
from gymnasium import spaces

out = Path(sys.argv[1]).resolve()
out.mkdir(parents=True, exist_ok=True)


def fresh(name):
    path = out / name
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()
    return path


# ------------------------------------------------------------------------------------------------ Minari
def minari_files():
    os.environ["MINARI_DATASETS_PATH"] = str(out / "tmp-minari")
    import minari
    from minari.data_collector import EpisodeBuffer

    def create(name, buffers, observation_space, action_space, **more):
        minari.create_dataset_from_buffers(
            dataset_id=f"fixture/{name}-v0",
            buffer=buffers,
            observation_space=observation_space,
            action_space=action_space,
            author="Repertoire",
            algorithm_name="counters",
            **more,
        )
        source = out / "tmp-minari" / "fixture" / f"{name}-v0" / "data"
        shutil.copytree(source, fresh(f"minari-{name}") / "data")

    def flat(lengths):
        for e, n in enumerate(lengths):
            yield EpisodeBuffer(
                id=e,
                seed=100 + e,
                options={"level": {"name": f"easy {e}"}},
                observations=[np.array([e, t, 0.1, -0.5 * t], dtype=np.float32) for t in range(n + 1)],
                actions=[np.array([0.1 * t - 0.2, 1 / 3], dtype=np.float32) for t in range(n)],
                rewards=[0.25 * t - e for t in range(n)],
                terminations=[t == n - 1 and e % 2 == 0 for t in range(n)],
                truncations=[t == n - 1 and e % 2 == 1 for t in range(n)],
                infos={
                    "speed": np.arange(n + 1, dtype=np.float64) / 7,
                    "pose": {"xy": np.arange(2 * (n + 1), dtype=np.float32).reshape(-1, 2)},
                },
            )

    for name, storage in [("box", "hdf5"), ("box-arrow", "arrow"), ("box-parquet", "parquet")]:
        create(
            name,
            list(flat([3, 2, 4])),
            spaces.Box(-np.inf, np.inf, (4,), np.float32),
            spaces.Box(-1, 1, (2,), np.float32),
            env="Pendulum-v1",
            data_format=storage,
        )

    missions = ["go to the red door", "pick up the été key"]

    def nested(lengths):
        for e, n in enumerate(lengths):
            yield EpisodeBuffer(
                id=e,
                observations={
                    "goal": [np.array([[e, t]], dtype=np.float64) for t in range(n + 1)],
                    "direction": [np.int64((e + t) % 4) for t in range(n + 1)],
                    "mission": [missions[e]] * (n + 1),
                    "bits": [np.array([t % 2, 1, 0], dtype=np.int8) for t in range(n + 1)],
                },
                actions=(
                    [np.int64(1 + t % 3) for t in range(n)],
                    [np.array([t % 2, t % 3], dtype=np.int64) for t in range(n)],
                ),
                rewards=[float(t) for t in range(n)],
                terminations=[t == n - 1 for t in range(n)],
                truncations=[False] * n,
            )

    for name, storage in [("nested", "hdf5"), ("nested-arrow", "arrow"), ("nested-parquet", "parquet")]:
        create(
            name,
            list(nested([2, 3])),
            spaces.Dict(
                {
                    "goal": spaces.Box(-10, 10, (1, 2), np.float64),
                    "direction": spaces.Discrete(4),
                    "mission": spaces.Text(40, charset="abcdefghijklmnopqrstuvwxyzé "),
                    "bits": spaces.MultiBinary(3),
                }
            ),
            spaces.Tuple((spaces.Discrete(3, start=1), spaces.MultiDiscrete([2, 3]))),
            data_format=storage,
        )
    for name, storage, jpeg in [("pixels", "hdf5", False), ("pixels-arrow", "arrow", False), ("jpeg", "hdf5", True)]:
        create(
            name,
            [
                EpisodeBuffer(
                    id=0,
                    observations=[np.full((32, 32, 3), 10 * t, dtype=np.uint8) for t in range(3)],
                    actions=[np.int64(t) for t in range(2)],
                    rewards=[0.0, 1.0],
                    terminations=[False, True],
                    truncations=[False, False],
                )
            ],
            spaces.Box(0, 255, (32, 32, 3), np.uint8),
            spaces.Discrete(2),
            data_format=storage,
            jpeg_encoding=jpeg,
        )
    # Of two sizes as files, so that HDF5 keeps each by its own length.
    y, x = np.mgrid[0:32, 0:32]
    smooth = np.stack([8 * x, 8 * y, 4 * (x + y)], axis=2).astype(np.uint8)
    pictures = [smooth, smooth[::-1].copy(), np.where((x // 4 + y // 4)[..., None] % 2 == 0, smooth, 255 - smooth)]
    for name, storage in [("colours", "hdf5"), ("colours-arrow", "arrow")]:
        create(
            name,
            [
                EpisodeBuffer(
                    id=0,
                    observations=pictures,
                    actions=[np.int64(t) for t in range(2)],
                    rewards=[0.0, 1.0],
                    terminations=[False, True],
                    truncations=[False, False],
                )
            ],
            spaces.Box(0, 255, (32, 32, 3), np.uint8),
            spaces.Discrete(2),
            data_format=storage,
        )
    # What Minari itself makes of them: every seventh line.
    (episode,) = minari.load_dataset("fixture/colours-v0").iterate_episodes()
    lines = episode.observations[:, ::7].astype(int).tolist()
    (out.parent / "minari-pictures.golden.json").write_text(json.dumps(lines, separators=(",", ":")))
    shutil.rmtree(out / "tmp-minari")


# ------------------------------------------------------------------------------------------------ D4RL
def d4rl_files():
    n = 10
    ends = {"terminals": {3}, "timeouts": {6}}
    observations = np.stack([np.arange(n), 0.1 * np.arange(n)], axis=1).astype(np.float32)
    for name in ["d4rl", "d4rl-next"]:
        with h5py.File(fresh(f"{name}.hdf5"), "w") as f:
            f.create_dataset("observations", data=observations, compression="gzip")
            f.create_dataset("actions", data=np.sin(np.arange(n))[:, None].astype(np.float32), compression="gzip")
            f.create_dataset("rewards", data=np.arange(n, dtype=np.float32) / 10, compression="gzip")
            for key, rows in ends.items():
                f.create_dataset(key, data=np.array([i in rows for i in range(n)]))
            f.create_dataset("infos/qpos", data=np.arange(2 * n, dtype=np.float64).reshape(n, 2))
            f.create_dataset("infos/action_log_probs", data=-np.arange(n, dtype=np.float32))
            f.create_dataset("metadata/algorithm", data="SAC")
            if name == "d4rl-next":
                f.create_dataset("next_observations", data=observations + 0.5)


# ------------------------------------------------------------------------------------------------ robomimic
def robomimic_files():
    path = fresh("robomimic.hdf5")
    with h5py.File(path, "w") as f:
        data = f.create_group("data")
        data.attrs["env_args"] = json.dumps({"env_name": "Lift", "env_type": 1, "env_kwargs": {"robots": ["Panda"]}})
        total = 0
        for e, n in enumerate([3, 2, 2]):
            demo = data.create_group(f"demo_{e}")
            rows = np.arange(n + 1, dtype=np.float64)[:, None]
            eef = np.concatenate([rows, rows / 3, np.full_like(rows, e)], axis=1)
            demo.create_dataset("obs/robot0_eef_pos", data=eef[:-1])
            demo.create_dataset("next_obs/robot0_eef_pos", data=eef[1:])
            demo.create_dataset("obs/object", data=10 * rows[:-1])
            demo.create_dataset("next_obs/object", data=10 * rows[1:])
            demo.create_dataset("obs/agentview_image", data=np.zeros((n, 4, 4, 3), np.uint8), compression="gzip")
            demo.create_dataset("next_obs/agentview_image", data=np.zeros((n, 4, 4, 3), np.uint8), compression="gzip")
            demo.create_dataset("actions", data=np.linspace(-1, 1, 2 * n).reshape(n, 2))
            demo.create_dataset("rewards", data=(np.arange(n) == n - 1).astype(np.float64))
            demo.create_dataset("dones", data=(np.arange(n) == n - 1).astype(np.int64) * (e != 2))
            demo.create_dataset("states", data=np.arange(2 * n, dtype=np.float64).reshape(n, 2))
            demo.attrs["num_samples"] = n
            demo.attrs["model_file"] = "<mujoco/>"
            total += n
        data.attrs["total"] = total
    from robomimic.utils.file_utils import create_hdf5_filter_key

    create_hdf5_filter_key(hdf5_path=str(path), demo_keys=["demo_0", "demo_2"], key_name="train")
    create_hdf5_filter_key(hdf5_path=str(path), demo_keys=["demo_1"], key_name="valid")


# ------------------------------------------------------------------------------------------------ LeRobot
def lerobot_files():
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    features = {
        "observation.state": {"dtype": "float32", "shape": (3,), "names": ["shoulder", "elbow", "grip"]},
        "observation.environment_state": {"dtype": "float32", "shape": (1,), "names": ["cube"]},
        "action": {"dtype": "float32", "shape": (2,), "names": ["shoulder", "elbow"]},
        "next.reward": {"dtype": "float32", "shape": (1,), "names": None},
        "next.done": {"dtype": "bool", "shape": (1,), "names": None},
        "next.success": {"dtype": "bool", "shape": (1,), "names": None},
    }
    dataset = LeRobotDataset.create(
        repo_id="fixture/arm", fps=10, features=features, root=fresh("lerobot"), robot_type="so100", use_videos=False
    )
    for e, (n, task) in enumerate([(4, "pick the cube"), (3, "put it back"), (3, "pick the cube")]):
        for t in range(n):
            dataset.add_frame(
                {
                    "observation.state": np.array([e, t, 0.1], dtype=np.float32),
                    "observation.environment_state": np.array([t / 3], dtype=np.float32),
                    "action": np.array([0.5 * t - 1, -e], dtype=np.float32),
                    "next.reward": np.array([float(t == n - 1)], dtype=np.float32),
                    "next.done": np.array([t == n - 1]),
                    "next.success": np.array([t == n - 1 and e == 0]),
                    "task": task,
                }
            )
        dataset.save_episode()
    dataset.finalize()

    # Cameras: a video, and pictures within the table.
    y, x = np.mgrid[0:32, 0:32]
    for name, videos in [("lerobot-video", True), ("lerobot-pictures", False)]:
        camera = "observation.images.top"
        features = {
            "observation.state": {"dtype": "float32", "shape": (1,), "names": ["at"]},
            camera: {
                "dtype": "video" if videos else "image",
                "shape": (32, 32, 3),
                "names": ["height", "width", "channels"],
            },
            "action": {"dtype": "float32", "shape": (1,), "names": ["by"]},
            "next.done": {"dtype": "bool", "shape": (1,), "names": None},
        }
        dataset = LeRobotDataset.create(
            repo_id="fixture/cameras", fps=10, features=features, root=fresh(name), use_videos=videos
        )
        for e, n in enumerate([3, 4]):
            for t in range(n):
                dataset.add_frame(
                    {
                        "observation.state": np.array([t], dtype=np.float32),
                        camera: np.stack([8 * x, 8 * y, 60 * t + 40 * e + 0 * x], axis=2).astype(np.uint8),
                        "action": np.array([0.5], dtype=np.float32),
                        "next.done": np.array([t == n - 1]),
                        "task": "look",
                    }
                )
            dataset.save_episode()
        dataset.finalize()


# ------------------------------------------------------------------------------------------------ RLlib
def rllib_files():
    from ray.rllib.offline.json_writer import JsonWriter
    from ray.rllib.policy.sample_batch import SampleBatch

    for name, packed in [("rllib", []), ("rllib-packed", ["obs", "new_obs"])]:
        folder = fresh(f"tmp-{name}")
        writer = JsonWriter(str(folder), compress_columns=packed)
        for e, n in enumerate([3, 2]):
            obs = np.stack([np.full(n + 1, e), np.arange(n + 1) / 3], axis=1).astype(np.float32)
            last = np.arange(n) == n - 1
            writer.write(
                SampleBatch(
                    {
                        "t": np.arange(n),
                        "eps_id": np.full(n, 1000 + e),
                        "agent_index": np.zeros(n, dtype=np.int64),
                        "obs": obs[:-1],
                        "new_obs": obs[1:],
                        "actions": np.arange(n) % 2,
                        "action_prob": np.full(n, 0.5, dtype=np.float32),
                        "action_logp": np.full(n, np.log(0.5), dtype=np.float32),
                        "rewards": np.arange(n, dtype=np.float32),
                        "terminateds": last & (e == 0),
                        "truncateds": last & (e == 1),
                    }
                )
            )
        writer.cur_file.close()
        [made] = folder.iterdir()
        shutil.move(made, fresh(f"{name}.json"))
        shutil.rmtree(folder)


for make in [minari_files, d4rl_files, robomimic_files, lerobot_files, rllib_files]:
    make()
