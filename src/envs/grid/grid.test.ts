import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { flatDim } from "../../spaces/flatten.ts";
import { sample } from "../../spaces/sample.ts";
import type { Value } from "../../spaces/space.ts";
import { generator, randomKey } from "../../tensor/random.ts";
import { checkEnvironment } from "../check.ts";
import { make } from "../registry.ts";
import { toSvg } from "../scene.ts";
import type { SavedSimulation } from "../simulation.ts";
import { vectorise } from "../vector.ts";
import { familyOf, grids } from "./index.ts";
import { CARRIED, CELLS, DIRECTION, NAMED, OTHER, PHRASE, sizeOfState, TARGET, X, Y } from "./state.ts";
import { colours, thing } from "./things.ts";

interface GoldenEpisode {
  readonly env: string;
  readonly width: number;
  readonly height: number;
  readonly maxSteps: number;
  readonly mission: string;
  readonly cells: readonly number[];
  readonly agent: readonly [number, number, number];
  readonly target: number;
  readonly other?: number;
  readonly named?: readonly number[];
  readonly phrase?: number;
  readonly obstacles: readonly number[];
  /** Checksums of four letters each: before and after every step; before the first, after every tenth and the last. */
  readonly views: string;
  readonly wholes: string;
  readonly directions: string;
  readonly actions: string;
  readonly reward: number;
  readonly terminated: boolean;
}

interface Golden {
  readonly episodes: readonly GoldenEpisode[];
  readonly levels: { readonly [name: string]: { count: number; mean: readonly number[]; std: readonly number[] } };
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
const rooms = read("grid.golden.json") as Golden;
/** Of levels about named things, signs and rooms; and the names of all levels that MiniGrid registers. */
const about = read("grid-named.golden.json") as Golden & { readonly names: readonly string[] };
const golden: Golden = {
  episodes: [...rooms.episodes, ...about.episodes],
  levels: { ...rooms.levels, ...about.levels },
};

test("MiniGrid's levels are all here, by their names", () => {
  assert.deepEqual(grids.map(({ name }) => name).sort(), about.names);
});

const checksum = (image: Float32Array): string =>
  image
    .reduce((total, value) => (total * 131 + value) % 36 ** 4, 0)
    .toString(36)
    .padStart(4, "0");
const nth = (checksums: string, n: number): string => checksums.slice(4 * n, 4 * n + 4);
const made = (name: string, options = {}) => grids.find((entry) => entry.name === name)!.create(options);

interface Seen {
  readonly image: Float32Array;
  readonly direction: number;
  readonly mission: string;
}

/** A saved state of a level given cell by cell. */
function saved(episode: GoldenEpisode): SavedSimulation {
  const { env, cells, agent, target, other = 0, phrase = 0, obstacles } = episode;
  const family = familyOf(env)!;
  const { named = [family.task === "stand" ? cells[target] : target] } = episode;
  const state = new Array<number>(sizeOfState(family)).fill(0);
  [state[X], state[Y], state[DIRECTION], state[TARGET], state[OTHER]] = [...agent, target, other];
  state.splice(NAMED, named.length, ...named);
  state[PHRASE] = phrase;
  state.splice(CELLS, cells.length + obstacles.length, ...cells, ...obstacles);
  return { state, seed: 0, episode: 1, drawn: 0, running: true };
}

golden.episodes.forEach((episode, number) => {
  const { env: name, actions, reward } = episode;
  test(`${name}, golden episode ${number}: ${actions.length} steps, reward ${reward}`, () => {
    const env = made(name, { observation: "text" });
    const whole = made(name, { observation: "image", view: "full" });
    for (const world of [env, whole]) {
      world.restore!(saved(episode));
      world.perturb!({ restless: 0 });
    }
    const family = familyOf(name)!;
    const { width, height, maxSteps } = episode;
    assert.deepEqual([family.width, family.height, family.maxSteps], [width, height, maxSteps]);
    const first = seenBy(env);
    assert.equal(checksum(first.image), nth(episode.views, 0));
    assert.equal(first.mission, episode.mission);
    assert.equal(checksum(seenBy(whole) as unknown as Float32Array), nth(episode.wholes, 0));
    [...actions].forEach((letter, t) => {
      const step = env.step(Number(letter));
      const seen = step.observation as unknown as Seen;
      const last = t === actions.length - 1;
      assert.equal(checksum(seen.image), nth(episode.views, t + 1), `view after step ${t}`);
      assert.equal(seen.direction, Number(episode.directions[t]), `direction after step ${t}`);
      assert.equal(step.terminated, last && episode.terminated, `end at step ${t}`);
      assert.ok(Math.abs(step.reward - (last ? reward : 0)) < 1e-11, `reward ${step.reward} at step ${t}`);
      const grid = whole.step(Number(letter)).observation as Float32Array;
      if ((t + 1) % 10 !== 0 && !last) return;
      const place = last ? episode.wholes.length / 4 - 1 : (t + 1) / 10;
      assert.equal(checksum(grid), nth(episode.wholes, place), `grid after step ${t}`);
    });
  });
});

/** What would be observed now: a turn there and back changes nothing but the clock, so a copy can look. */
function seenBy(env: ReturnType<typeof made>): Seen {
  const state = env.save!();
  env.step(0);
  const { observation } = env.step(1);
  env.restore!(state);
  return observation as unknown as Seen;
}

test("the golden episodes meet what matters: wins, lava, collisions, time running out", () => {
  const ends = (name: RegExp) =>
    golden.episodes.filter((e) => name.test(e.env)).map((e) => [Math.sign(e.reward), e.terminated]);
  const meets = (name: RegExp, ...wanted: readonly (readonly [number, boolean])[]) => {
    for (const end of wanted)
      assert.ok(
        ends(name).some((e) => String(e) === String(end)),
        `${name} ${end}`,
      );
  };
  meets(/DoorKey/, [1, true], [0, false]);
  meets(/LavaGap/, [1, true], [0, true]);
  meets(/GoToDoor/, [1, true], [0, true]);
  meets(/Dynamic/, [1, true], [-1, true]);
  for (const name of [/Unlock-/, /UnlockPickup/, /KeyCorridor/, /1Dlhb/, /MultiRoom/]) meets(name, [1, true]);
  for (const name of [/Memory/, /Fetch/, /GoToObject/, /PutNear/, /RedBlue/]) meets(name, [1, true], [0, true]);
});

/** As in benchmarks/golden/grid.py. */
function features(name: string, state: readonly number[]): readonly number[] {
  const { width, height, task } = familyOf(name)!;
  const cells = state.slice(CELLS, CELLS + width * height);
  const kinds = cells.map((cell) => cell & 15);
  const target = state[TARGET];
  const ofThings = task === "pick" || task === "fetch" || task === "put";
  const cell = task === "reach" ? kinds.indexOf(8) : ofThings ? cells.indexOf(target) : target;
  const [x, y] = [cell % width, Math.floor(cell / width)];
  const count = (kind: number): number => kinds.filter((one) => one === kind).length;
  const locked = cells.filter((one) => (one & 15) === 4 && ((one >> 7) & 3) === 2).length;
  const [ax, ay] = [state[X], state[Y]];
  const apart = Math.abs(ax - x) + Math.abs(ay - y);
  const about = [ax, ay, state[DIRECTION], x, y, apart, (cells[cell] >> 4) & 7, count(2), count(4), locked, count(7)];
  const other = [state[OTHER] % width, Math.floor(state[OTHER] / width)];
  return [...about, ...other, count(5), count(6), state[NAMED], state[NAMED + 1]];
}

test("levels hold what MiniGrid's hold, as often and in the same places", () => {
  for (const [name, { count, mean, std }] of Object.entries(golden.levels)) {
    const env = made(name);
    const rows = Array.from({ length: count }, (_, i) => {
      env.reset(i === 0 ? { seed: 6 } : {});
      return features(name, (env.save!() as SavedSimulation).state);
    });
    mean.forEach((wanted, feature) => {
      const ours = rows.reduce((sum, row) => sum + row[feature], 0) / count;
      const error = Math.sqrt((2 * std[feature] ** 2) / count);
      assert.ok(Math.abs(ours - wanted) <= 4 * error + 1e-4, `${name}, feature ${feature}: ${ours} for ${wanted}`);
    });
  }
});

test("nothing breaks the interface, in any form", () => {
  for (const { name } of grids) assert.deepEqual(checkEnvironment(make(name), { steps: 30 }), [], name);
  for (const observation of ["dict", "text", "image", "one-hot", "flat"]) {
    for (const view of ["partial", "full"]) {
      const env = make("MiniGrid-KeyCorridorS3R2-v0", { observation, view });
      assert.deepEqual(checkEnvironment(env, { steps: 60 }), [], `${observation} ${view}`);
    }
  }
});

test("forms agree: one-hot and flat say what the image says", () => {
  const name = "MiniGrid-GoToDoor-6x6-v0";
  const all = ["dict", "one-hot", "flat"].map((observation) => make(name, { observation }));
  const seen: Value[] = all.map((env) => env.reset({ seed: 7 }).observation);
  for (let t = 0; t < 5; t++) {
    const [{ image, direction, mission }, hot, flat] = seen as unknown as readonly [
      { image: Float32Array; direction: number; mission: number },
      Float32Array,
      Float32Array,
    ];
    for (let cell = 0; cell < 49; cell++) {
      const ones = [...hot.subarray(cell * 21, cell * 21 + 21).entries()].filter(([, v]) => v === 1).map(([i]) => i);
      assert.deepEqual(ones, [image[cell * 3], 11 + image[cell * 3 + 1], 17 + image[cell * 3 + 2]]);
    }
    assert.deepEqual([...flat.subarray(0, hot.length)], [...hot]);
    assert.equal(flat.indexOf(1, hot.length) - hot.length, direction);
    assert.equal(flat.lastIndexOf(1) - (flat.length - 6), mission - 1);
    all.forEach((env, i) => {
      seen[i] = env.step(0).observation;
    });
  }
  assert.equal(flatDim(all[2].observationSpace), 49 * 21 + 4 + 9 + 6);
  const state = all[2].save!() as { readonly inner: SavedSimulation };
  const carrying = state.inner.state.with(CARRIED, thing("ball", "purple"));
  all[2].restore!({ ...state, inner: { ...state.inner, state: carrying } });
  const carried = (all[2].step(0).observation as Float32Array).subarray(49 * 21 + 4, 49 * 21 + 13);
  assert.deepEqual([...carried], [0, 1, 0, 0, 0, 0, 1, 0, 0], "a ball, purple");
});

test("what a mission names is told in numbers, too, in every form", () => {
  const kinds = ["key", "ball", "box"];
  for (const [which, pattern, size] of [
    ["Fetch-6x6-N2", /(?<colour>\w+) (?<kind>\w+)$/, 3],
    ["GoToObject-6x6-N2", /the (?<colour>\w+) (?<kind>\w+)$/, 3],
    ["PutNear-6x6-N2", /the (?<colour>\w+) (?<kind>\w+) near the (?<otherColour>\w+) (?<otherKind>\w+)$/, 12],
    ["LockedRoom", /^get the (?<colour>\w+) key from the (?<otherColour>\w+) room/, 6],
  ] as const) {
    const [words, numbers, flat] = ["text", "dict", "flat"].map((observation) =>
      make(`MiniGrid-${which}-v0`, { observation }),
    );
    assert.equal(flatDim(flat.observationSpace), 49 * 21 + 4 + 9 + 6 + size);
    for (let seed = 0; seed < 20; seed++) {
      const { mission } = words.reset({ seed }).observation as unknown as { mission: string };
      const said = Object.values(pattern.exec(mission)!.groups!).map((word) =>
        Math.max(colours.indexOf(word as never), kinds.indexOf(word)),
      );
      const dict = numbers.reset({ seed }).observation as unknown as { mission: Int32Array };
      assert.deepEqual([...dict.mission], said, mission);
      const row = flat.reset({ seed }).observation as Float32Array;
      const places = [...row.entries()].slice(49 * 21 + 13).filter(([, value]) => value === 1);
      assert.equal(places.length, said.length);
      assert.equal(places[0][0] - (49 * 21 + 13), said[0]);
    }
  }
});

test("saved, sent as JSON and restored, a world goes on as it would have", () => {
  const names = ["DoorKey-5x5", "Dynamic-Obstacles-Random-6x6", "ObstructedMaze-1Dlhb", "GoToDoor-5x5", "LavaGapS5"];
  names.push("MemoryS7", "Fetch-5x5-N2", "PutNear-6x6-N2", "RedBlueDoors-6x6", "LockedRoom");
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(500), fc.nat(25), (which, seed, before) => {
      const name = `MiniGrid-${which}-v0`;
      const env = made(name);
      env.perturb!({ slip: 0.2 });
      const random = generator(randomKey(seed));
      env.reset({ seed });
      for (let t = 0; t < before; t++) if (env.step(sample(env.actionSpace, random)).terminated) env.reset();
      const other = made(name);
      other.restore!(JSON.parse(JSON.stringify(env.save!())));
      for (let t = 0; t < 8; t++) {
        const action = sample(env.actionSpace, random);
        const step = env.step(action);
        assert.deepEqual(other.step(action), step);
        if (step.terminated) break;
      }
    }),
    { seed: 2, numRuns: 60 },
  );
});

const levelOf = (env: ReturnType<typeof made>): string => String((env.save!() as SavedSimulation).state);

test("a number of levels is that many, whatever the seed, and another level seed makes others", () => {
  const levels = (options: object, seed: number): Set<string> => {
    const env = made("MiniGrid-KeyCorridorS3R3-v0", options);
    const next = (_: unknown, i: number): string => {
      env.reset(i === 0 ? { seed } : {});
      return levelOf(env);
    };
    return new Set(Array.from({ length: 60 }, next));
  };
  const few = levels({ numberOfLevels: 5 }, 1);
  assert.equal(few.size, 5);
  assert.deepEqual([...levels({ numberOfLevels: 5 }, 2)].sort(), [...few].sort());
  assert.deepEqual(
    [...levels({ numberOfLevels: 3 }, 2)].filter((level) => !few.has(level)),
    [],
    "fewer are among them",
  );
  assert.deepEqual(
    [...levels({ numberOfLevels: 5, levelSeed: 1 }, 1)].filter((level) => few.has(level)),
    [],
  );
  assert.equal(levels({}, 1).size, 60);
});

test("many are stepped together, and their observations are recorded as numbers", () => {
  const vector = vectorise(Array.from({ length: 4 }, () => () => make("MiniGrid-DoorKey-5x5-v0")));
  const { observation } = vector.reset({ seed: 1 });
  assert.deepEqual(observation.shape, [4, 4 + 147 + 7]);
  const single = make("MiniGrid-DoorKey-5x5-v0", { observation: "image" });
  assert.deepEqual(
    single.reset({ seed: 1 }).observation,
    made("MiniGrid-DoorKey-5x5-v0", { observation: "image" }).reset({ seed: 1 }).observation,
  );
});

test("balls move one cell at most, each on its own, and never onto anything", () => {
  const env = made("MiniGrid-Dynamic-Obstacles-16x16-v0");
  env.reset({ seed: 3 });
  const { width, height, obstacles } = familyOf("MiniGrid-Dynamic-Obstacles-16x16-v0")!;
  const places = (): readonly number[] => (env.save!() as SavedSimulation).state.slice(CELLS + width * height);
  let [before, moved] = [places(), 0];
  for (let t = 0; t < 200; t++) {
    env.step(0);
    const now = places();
    const { state } = env.save!() as SavedSimulation;
    assert.equal(new Set(now).size, obstacles);
    now.forEach((cell, i) => {
      assert.equal(state[CELLS + cell], thing("ball", "blue"));
      assert.ok(Math.abs((cell % width) - (before[i] % width)) <= 1);
      assert.ok(Math.abs(Math.floor(cell / width) - Math.floor(before[i] / width)) <= 1);
      moved += Number(cell !== before[i]);
    });
    assert.equal(
      state.filter((v, i) => i >= CELLS && i < CELLS + width * height && v === thing("ball", "blue")).length,
      obstacles,
    );
    before = now;
  }
  assert.ok(moved > 0.9 * 200 * obstacles);
});

test("bumping into a ball or a wall among moving balls is the end, even where the ball moves away", () => {
  const name = "MiniGrid-Dynamic-Obstacles-6x6-v0";
  const env = made(name);
  let left = 0;
  for (let seed = 0; seed < 20; seed++) {
    env.reset({ seed });
    const { state, ...rest } = env.save!() as SavedSimulation;
    const changed = [...state];
    // The agent waits in (1, 1), looking right; the first ball is put before it.
    [changed[CELLS + state[CELLS + 36]], changed[CELLS + 8]] = [changed[CELLS + 8], changed[CELLS + state[CELLS + 36]]];
    changed[CELLS + 36] = 8;
    if (changed[CELLS + 37] === 8 || changed[CELLS + 38] === 8) continue;
    env.restore!({ ...rest, state: changed });
    const { reward, terminated } = env.step(2);
    assert.deepEqual([reward, terminated], [-1, true]);
    left += Number((env.save!() as SavedSimulation).state[X] === 2);
    env.restore!({ ...rest, state: changed.with(DIRECTION, 3) });
    assert.equal(env.step(2).reward, -1, "a wall");
  }
  assert.ok(left > 3, "the ball moved away at times, and the agent with it");
});

test("a locked door opens to the key of its colour alone", () => {
  const env = made("MiniGrid-Unlock-v0");
  for (let seed = 0; seed < 6; seed++) {
    env.reset({ seed });
    const { state, ...rest } = env.save!() as SavedSimulation;
    const door = state[CELLS + state[TARGET]];
    const before = [...state];
    [before[X], before[Y], before[DIRECTION]] = [(state[TARGET] % 11) - 1, Math.floor(state[TARGET] / 11), 0];
    const opened = colours.filter((colour) => {
      env.restore!({ ...rest, state: before.with(CARRIED, thing("key", colour)) });
      return env.step(5).info.success === true;
    });
    assert.deepEqual(opened, [colours[(door >> 4) & 7]]);
    env.restore!({ ...rest, state: before.with(CARRIED, thing("ball", opened[0])) });
    assert.equal(env.step(5).info.success, false);
  }
});

test("the room behind KeyCorridor's lock has no other door", () => {
  const env = made("MiniGrid-KeyCorridorS4R3-v0");
  for (let seed = 0; seed < 40; seed++) {
    env.reset({ seed });
    const { state } = env.save!() as SavedSimulation;
    const ball = state.indexOf(state[TARGET], CELLS) - CELLS;
    const [left, top] = [Math.floor((ball % 10) / 3) * 3, Math.floor(Math.floor(ball / 10) / 3) * 3];
    let doors = 0;
    for (let i = 0; i <= 3; i++) {
      for (const [x, y] of [
        [left + i, top],
        [left + i, top + 3],
        [left, top + i],
        [left + 3, top + i],
      ]) {
        doors += Number((state[CELLS + y * 10 + x] & 15) === 4);
      }
    }
    assert.equal(doors, 1, `seed ${seed}`);
  }
});

test("any of LockedRoom's six rooms is locked, with the goal in it, and its key is in any of the others", () => {
  const env = made("MiniGrid-LockedRoom-v0");
  const roomOf = (cell: number): number => Math.floor(Math.floor(cell / 19) / 6) * 2 + Number(cell % 19 > 9);
  const seen = new Set<string>();
  for (let seed = 0; seed < 250; seed++) {
    env.reset({ seed });
    const cells = (env.save!() as SavedSimulation).state.slice(CELLS);
    const find = (holds: (cell: number) => boolean): number => roomOf(cells.findIndex(holds));
    const locked = find((cell) => (cell & 15) === 4 && cell >> 7 === 2);
    assert.equal(
      find((cell) => (cell & 15) === 8),
      locked,
    );
    seen.add(`${locked} ${find((cell) => (cell & 15) === 5)}`);
  }
  assert.equal(seen.size, 6 * 5);
});

test("the openings of the four rooms are anywhere in their walls, one in each", () => {
  const env = made("MiniGrid-FourRooms-v0");
  const seen = new Set<number>();
  for (let seed = 0; seed < 150; seed++) {
    env.reset({ seed });
    const { state } = env.save!() as SavedSimulation;
    const across = Array.from({ length: 19 }, (_, i) => [9 * 19 + i, i * 19 + 9]).flat();
    const open = across.filter((cell) => (state[CELLS + cell] & 15) !== 2);
    assert.equal(open.length, 4);
    for (const cell of open) seen.add(cell);
  }
  assert.equal(seen.size, 4 * 8);
});

test("parameters: the horizon scales the reward, slipping takes other actions", () => {
  const env = made("MiniGrid-Empty-5x5-v0");
  const walk = (values: object): number => {
    env.reset({ seed: 1 });
    env.perturb!({ horizon: 100, slip: 0, ...values });
    return [2, 2, 1, 2, 2].map((action) => env.step(action).reward).at(-1)!;
  };
  assert.ok(Math.abs(walk({}) - (1 - (0.9 * 5) / 100)) < 1e-12);
  assert.ok(Math.abs(walk({ horizon: 10 }) - 0.55) < 1e-12);
  env.reset({ seed: 1 });
  env.perturb!({ slip: 1 });
  assert.ok(Array.from({ length: 30 }, () => env.step(6).info.slipped).every((slipped) => slipped === true));
});

test("every family is drawn, and bad options are refused in a sentence", () => {
  for (const { name } of grids) {
    const env = made(name);
    env.reset({ seed: 2 });
    assert.match(toSvg(env.scene!()), /^<svg xmlns.*<\/svg>$/);
  }
  assert.throws(() => make("MiniGrid-DoorKey-5x5-v0", { view: "half" }), /"partial" or "full"/);
  assert.throws(() => make("MiniGrid-DoorKey-5x5-v0", { numberOfLevels: 0 }), /a whole number from 1/);
  assert.throws(() => make("MiniGrid-DoorKey-7x7-v0"), /Known: MiniGrid-DoorKey-/);
  assert.equal(colours.length, 6);
});
