import assert from "node:assert/strict";
import test from "node:test";
import { Problem } from "../problems.ts";
import { box, dict, discrete, multiDiscrete } from "../spaces/make.ts";
import { type TrajectoryColumns, trajectories } from "./build.ts";
import { type DecisionColumns, decisionLog } from "./decision-log.ts";
import { fromEpisodes } from "./episodes.ts";

/** Two episodes: two steps that terminate, one step that is cut off. */
const good: TrajectoryColumns = {
  observationSpace: box(-10, 10, { shape: [2] }),
  actionSpace: discrete(3),
  observation: [
    [0, 1],
    [2, 3],
    [4, 5],
  ],
  action: [0, 1, 2],
  reward: [1, 2, 3],
  terminated: [0, 1, 0],
  truncated: [0, 0, 1],
  finalObservation: [
    [6, 7],
    [8, 9],
  ],
  extras: { propensity: [0.5, 0.25, 1] },
  tags: { player: ["ann", null] },
};

const refused = (make: () => unknown, ...words: (string | RegExp)[]): void => {
  assert.throws(make, (error: unknown) => {
    assert.ok(error instanceof Problem, String(error));
    for (const word of words) assert.match(error.message, new RegExp(word));
    return true;
  });
};

test("columns become trajectories, with episodes found from their ends", () => {
  const t = trajectories(good);
  assert.deepEqual([...t.offsets], [0, 2, 3]);
  assert.deepEqual(t.observation.shape, [3, 2]);
  assert.deepEqual([...t.finalObservation.data], [6, 7, 8, 9]);
  assert.equal(t.action.dtype, "int32");
  assert.equal(t.extras.propensity.dtype, "float64");
  assert.deepEqual(t.provenance.lineage, ["trajectories()"]);
});

test("arrays of the stored type are kept, not copied", () => {
  const reward = Float64Array.of(1, 2, 3);
  assert.equal(trajectories({ ...good, reward }).reward, reward);
});

test("each broken rule of trajectories is a sentence with place, field and rule", () => {
  const but = (change: Partial<TrajectoryColumns>) => () => trajectories({ ...good, ...change });
  refused(but({ action: [0, 1] }), 'trajectories\\(\\), field "action": 2 rows; it needs 3 rows');
  refused(but({ action: [0, 3, 1] }), 'row 1, field "action": 3; it must lie in Discrete\\(3\\)');
  refused(but({ action: [0, 1.5, 1] }), "row 1", "1.5", "whole number");
  refused(
    but({
      observation: [
        [0, 1],
        [2, Number.NaN],
        [4, 5],
      ],
    }),
    'row 1, field "observation": NaN',
    "finite",
  );
  refused(but({ observation: [[0, 1], [2], [4, 5]] }), "row 1", "1 numbers", "2 numbers");
  refused(but({ reward: [0, Infinity, 0] }), 'row 1, field "reward": Infinity');
  refused(but({ terminated: [0, 2, 0] }), 'row 1, field "terminated": 2', "0 or 1");
  refused(but({ terminated: Uint8Array.of(0, 2, 0) }), 'row 1, field "terminated": 2', "0 or 1");
  refused(but({ truncated: [0, 0, 0] }), "row 2", "neither terminated nor truncated", "mark the row truncated");
  refused(but({ truncated: [0, 1, 1] }), "row 1", "both terminated and truncated");
  refused(
    but({ offsets: [0, 3], finalObservation: [[0, 0]], tags: {} }),
    'row 1, field "terminated": 1 inside an episode',
  );
  refused(but({ offsets: [0, 2, 2, 3] }), "offsets\\[2\\] is 2 after 2", "increase strictly");
  refused(but({ offsets: [1, 3] }), "start at 1");
  refused(but({ offsets: [0, 2] }), "end at 2");
  refused(but({ finalObservation: [[0, 0]] }), 'field "finalObservation": 1 row; it needs 2 rows');
  refused(but({ tags: { player: ["ann"] } }), 'field "tags.player": 1 values', "\\(2\\)");
  refused(but({ tags: { score: [1, Number.NaN] } }), "tags.score", "NaN");
  refused(but({ extras: { p: [1, 2] } }), 'field "extras.p": 2 rows');
});

test("a Box action is held to its bounds as float32 sees them; an observation is not", () => {
  const actionSpace = box(-0.1, 0.1);
  const made = { ...good, actionSpace, action: [[0.1], [-0.1], [0]] };
  assert.equal(trajectories(made).action.dtype, "float32");
  refused(
    () => trajectories({ ...made, action: [[0.1], [-0.11], [0]] }),
    "row 1",
    "element 0",
    "bounds \\[-0.1, 0.1\\]",
  );
  assert.ok(
    trajectories({
      ...good,
      observation: [
        [0, 1],
        [2, 300],
        [4, 5],
      ],
    }),
  );
});

test("discrete observations and multi-discrete actions are held to their range", () => {
  const spaces = { observationSpace: discrete(3, { start: 1 }), actionSpace: multiDiscrete([2, 3]) };
  const columns = {
    ...good,
    ...spaces,
    observation: [1, 2, 3],
    finalObservation: [1, 3],
    action: [
      [0, 2],
      [1, 0],
      [1, 1],
    ],
  };
  assert.deepEqual([...trajectories(columns).action.data], [0, 2, 1, 0, 1, 1]);
  refused(() => trajectories({ ...columns, observation: [1, 0, 3] }), "row 1", "from 1");
  refused(() => trajectories({ ...columns, finalObservation: [1, 4] }), "row 2", "finalObservation", "4");
  refused(
    () =>
      trajectories({
        ...columns,
        action: [
          [0, 2],
          [2, 0],
          [1, 1],
        ],
      }),
    "row 1",
    "2 for choice 0",
  );
});

test("fromEpisodes lays out observations, final observations, ends and tags", () => {
  const t = fromEpisodes(
    [
      { observations: [0, 1, 2], actions: [1, 1], rewards: [0, 1], terminated: true, tags: { player: "ann" } },
      { observations: [2, 0], actions: [0], rewards: [5], terminated: false },
    ],
    { observationSpace: discrete(3), actionSpace: discrete(2), environment: "Corridor" },
  );
  assert.deepEqual([...t.observation.data], [0, 1, 2]);
  assert.deepEqual([...t.finalObservation.data], [2, 0]);
  assert.deepEqual([...t.offsets], [0, 2, 3]);
  assert.deepEqual([...t.terminated], [0, 1, 0]);
  assert.deepEqual([...t.truncated], [0, 0, 1]);
  assert.deepEqual(t.tags, { player: ["ann", null] });
  assert.equal(t.provenance.environment, "Corridor");
});

test("fromEpisodes flattens Dict observations and names the episode that is wrong", () => {
  const spaces = { observationSpace: dict({ at: box(0, 1), room: discrete(2) }), actionSpace: box(-1, 1) };
  const seen = (x: number, room: number) => ({ at: Float32Array.of(x), room });
  const episode = { observations: [seen(0, 0), seen(1, 1)], actions: [[0.5]], rewards: [1], terminated: true };
  assert.deepEqual([...fromEpisodes([episode], spaces).finalObservation.data], [1, 0, 1]);
  refused(
    () => fromEpisodes([episode, { ...episode, observations: [seen(0, 0)] }], spaces),
    "episode 1",
    "needs 2 rows",
  );
  refused(() => fromEpisodes([episode, { ...episode, actions: [[2]] }], spaces), "episode 1, step 0", '"action"');
  refused(() => fromEpisodes([{ ...episode, rewards: [] }], spaces), "episode 0 has no steps");
});

test("fingerprints: equal contents, equal print; any change, another", () => {
  const print = (change: Partial<TrajectoryColumns> = {}) =>
    trajectories({ ...good, ...change }).provenance.fingerprint;
  assert.match(print(), /^[0-9a-f]{64}$/);
  const reordered = Object.fromEntries(Object.entries(good).reverse()) as unknown as TrajectoryColumns;
  assert.equal(print(reordered), print());
  assert.equal(print({ lineage: ["elsewhere"] }), print());
  assert.notEqual(print({ reward: [1, 2, 4] }), print());
  assert.notEqual(print({ tags: { player: ["bob", null] } }), print());
  assert.notEqual(print({ extras: { chance: [0.5, 0.25, 1] } }), print());
  assert.notEqual(print({ actionSpace: discrete(4) }), print());
  const { kind, shape, low, high, dtype } = box(-10, 10, { shape: [2] });
  assert.equal(print({ observationSpace: { dtype, high, low, shape, kind } }), print());
  const twoExtras = { a: [1, 2, 3], b: [4, 5, 6] };
  assert.equal(print({ extras: twoExtras }), print({ extras: { b: twoExtras.b, a: twoExtras.a } }));
});

const log: DecisionColumns = {
  context: [
    [1, 0],
    [0, 1],
  ],
  actions: { count: 3, names: ["a", "b", "c"] },
  action: [0, 2],
  propensity: [0.5, 0.25],
  reward: [0, 1],
  available: [
    [1, 1, 0],
    [1, 1, 1],
  ],
  loggingPolicy: [
    [0.5, 0.5, 0],
    [0.25, 0.5, 0.25],
  ],
};

test("columns become a decision log", () => {
  const made = decisionLog(log);
  assert.deepEqual(made.context.shape, [2, 2]);
  assert.equal(made.loggingPolicy?.dtype, "float64");
  assert.deepEqual(decisionLog({ ...log, actions: 3 }).actions.names, ["0", "1", "2"]);
});

test("each broken rule of a decision log is a sentence", () => {
  const but = (change: Partial<DecisionColumns>) => () => decisionLog({ ...log, ...change });
  refused(but({ propensity: [0.5, 0] }), 'decisionLog\\(\\), row 1, field "propensity": 0; .*\\(0, 1\\]');
  refused(but({ propensity: [1.2, 0.25] }), "row 0", "1.2");
  refused(
    but({ propensity: [0.4, 0.25] }),
    "row 0",
    "loggingPolicy",
    "0.5 for the logged action, whose propensity is 0.4",
  );
  refused(but({ action: [0, 3] }), "row 1", '"action": 3', "0 … 2");
  refused(but({ action: [2, 2] }), "row 0", "action 2 is marked unavailable");
  refused(
    but({
      loggingPolicy: [
        [0.5, 0.4, 0],
        [0.25, 0.5, 0.25],
      ],
    }),
    "row 0",
    "sums to 0.9",
  );
  refused(
    but({
      loggingPolicy: [
        [0.5, 0.3, 0.2],
        [0.25, 0.5, 0.25],
      ],
    }),
    "0.2 for action 2, which is marked unavailable",
  );
  refused(
    but({
      loggingPolicy: [
        [0.5, 1.5, -1],
        [0.25, 0.5, 0.25],
      ],
    }),
    "1.5 for action 1",
  );
  refused(but({ actions: { count: 3, names: ["a", "a", "c"] } }), "share a name");
  refused(but({ actions: { count: 3, names: ["a"] } }), "1 names");
  refused(but({ tags: { day: [1] } }), "tags.day", "\\(2\\)");
  refused(but({ contextSpace: discrete(2) }), "contextSpace");
});
