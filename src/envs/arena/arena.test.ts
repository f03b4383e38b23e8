import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { contains } from "../../spaces/contains.ts";
import { sample } from "../../spaces/sample.ts";
import { generator, randomKey } from "../../tensor/random.ts";
import { checkEnvironment } from "../check.ts";
import { isWall } from "../maze/map.ts";
import type { ParallelEnvironment } from "../parallel.ts";
import { checkParallelEnvironment } from "../parallel-check.ts";
import { make, makeParallel } from "../registry.ts";
import { toSvg } from "../scene.ts";
import { arena } from "./arena.ts";
import { arenaBot, type BotOptions, botStyles } from "./bots.ts";
import { fieldOf } from "./field.ts";
import { magazine, player, playerSize, rate, roundSize, turns } from "./game.ts";
import { arenaGames, arenaTasks } from "./index.ts";
import { turnFor } from "./percept.ts";
import { discDistance, rayAngles, wallDistance } from "./rays.ts";
import { perRay, sectors, statusAt } from "./sensors.ts";

interface Saved {
  state: number[];
}
const [stand, straight] = [0, 7];
const action = (move: number, turn: number, fire = 0, use = 0): Int32Array => Int32Array.of(move, turn, fire, use);
const idle = action(stand, straight);

/** A game with its players put somewhere: [x, y, heading] each. */
function staged(game: ParallelEnvironment, places: readonly (readonly [number, number, number])[]): Saved {
  game.reset({ seed: 1 });
  const saved = game.save!() as Saved;
  places.forEach(([x, y, heading], i) => {
    const at = i * playerSize;
    saved.state.splice(at, 5, x, y, 0, 0, heading);
  });
  game.restore!(saved);
  return saved;
}
const duel = ["########", "#A....B#", "#......#", "#X.##..#", "#......#", "########"];

test("a shot down a free line strikes, and through a wall it does not", () => {
  const game = arena({ field: duel });
  game.perturb!({ spread: 0 });
  const shoot = (y: number) => {
    staged(game, [
      [1.5, y, 0],
      [6.5, y, Math.PI],
    ]);
    const step = game.step({ a0: action(stand, straight, 1), b0: idle });
    return { hits: step.infos.a0.hits, state: (game.save!() as Saved).state };
  };
  const free = shoot(1.5);
  assert.equal(free.hits, 1);
  assert.equal(free.state[playerSize + player.health], 66);
  assert.equal(free.state[player.ammo], magazine - 1);
  assert.equal(shoot(3.5).hits, 0);
});

test("a wider spread misses more, a smaller damage takes less, and an empty magazine is filled", () => {
  const after = (changes: { readonly [name: string]: number }): { readonly hits: number; readonly health: number } => {
    const game = arena({ field: duel });
    staged(game, [
      [1.5, 1.5, 0],
      [6.5, 1.5, Math.PI],
    ]);
    game.perturb!({ damage: 5, ...changes });
    for (let t = 0; t < 20; t++) game.step({ a0: action(stand, straight, 1), b0: idle });
    const { state } = game.save!() as Saved;
    return { hits: state[player.hits], health: state[playerSize + player.health] };
  };
  assert.deepEqual(after({ spread: 0 }), { hits: 10, health: 50 });
  assert.ok(after({ spread: 0.3 }).hits < 8);
  assert.deepEqual(after({ spread: 0, damage: 2 }), { hits: 10, health: 80 });
  assert.equal(after({ spread: 0, cooldown: 10 }).hits, 2);

  const game = arena({ field: duel });
  staged(game, [
    [1.5, 1.5, Math.PI],
    [6.5, 1.5, 0],
  ]);
  const ammunition = (): number => (game.save!() as Saved).state[player.ammo];
  for (let t = 0; t < 2 * magazine + 2; t++) game.step({ a0: action(stand, straight, 1), b0: idle });
  assert.equal(ammunition(), 0);
  for (let t = 0; t < 1.5 * rate; t++) game.step({ a0: action(stand, straight, 0, t === 0 ? 1 : 0), b0: idle });
  assert.equal(ammunition(), 0, "reloading takes its time");
  game.step({ a0: idle, b0: idle });
  assert.equal(ammunition(), magazine);
});

test("rays stop at walls: nobody is seen, whatever the place and heading, whom a wall hides", () => {
  const { map } = fieldOf(duel);
  const game = arena({ field: duel, rays: 61, layout: "uniform", view: 2 * Math.PI });
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(unit, unit, unit, unit, unit, (a, b, c, d, e) => {
      const places = [
        [1.3 + 5.4 * a, 1.3 + 3.4 * b, 6 * e],
        [1.3 + 5.4 * c, 1.3 + 3.4 * d, 0],
      ] as const;
      if (places.some(([x, y]) => isWall(map, x, y))) return;
      staged(game, places);
      const seen = game.step({ a0: idle, b0: idle }).observations.a0 as Float32Array;
      const sees = Array.from({ length: 61 }, (_, ray) => seen[ray * perRay + 1]).includes(1);
      // Whether any part of the other is in a free line, sampled finely.
      const { state } = game.save!() as Saved;
      const [[x, y], [ox, oy]] = [state.slice(0, 2), state.slice(playerSize, playerSize + 2)];
      let visible = false;
      for (let part = -1; part <= 1; part += 0.05) {
        const far = Math.hypot(ox - x, oy - y) || 1e-9;
        const [tx, ty] = [ox - (0.3 * part * (oy - y)) / far, oy + (0.3 * part * (ox - x)) / far];
        const length = Math.hypot(tx - x, ty - y) || 1e-9;
        if (wallDistance(map, x, y, (tx - x) / length, (ty - y) / length, length) >= length - 0.31) visible = true;
      }
      if (sees) assert.ok(visible);
    }),
    { seed: 2, numRuns: 200 },
  );
});

test("distances along rays are exact", () => {
  const { map } = fieldOf(duel);
  assert.ok(Math.abs(wallDistance(map, 1.5, 1.5, 1, 0, 20) - 5.5) < 1e-12);
  assert.ok(Math.abs(wallDistance(map, 1.5, 3.5, 1, 0, 20) - 1.5) < 1e-12);
  assert.ok(Math.abs(wallDistance(map, 1.5, 1.5, Math.SQRT1_2, Math.SQRT1_2, 20) - 1.5 * Math.SQRT2) < 1e-9);
  assert.equal(wallDistance(map, 1.5, 1.5, 1, 0, 2), 2);
  assert.ok(Math.abs(discDistance(5, 0, 1, 0, 0.3) - 4.7) < 1e-12);
  assert.equal(discDistance(-5, 0, 1, 0, 0.3), Number.POSITIVE_INFINITY);
  const [foveated, uniform] = [rayAngles(21, 2, "foveated"), rayAngles(21, 2, "uniform")];
  assert.ok(foveated[11] - foveated[10] < 0.5 * (uniform[11] - uniform[10]));
  assert.ok(Math.abs(foveated[20] - 1) < 1e-12 && Math.abs(uniform[20] - 1) < 1e-12);
});

test("steps are heard from the right side, through walls too", () => {
  const game = arena({ field: duel });
  staged(game, [
    [2.5, 3.5, 0],
    [5.5, 3.5, Math.PI / 2],
  ]);
  for (let t = 0; t < 2; t++) game.step({ a0: idle, b0: action(3, straight) });
  const seen = game.step({ a0: action(stand, straight), b0: action(7, straight) }).observations.a0 as Float32Array;
  const from = seen.length - statusAt(21) >= 0 ? 21 * perRay : 0;
  const loud = [...seen.subarray(from, from + sectors)];
  assert.equal(loud.indexOf(Math.max(...loud)), 0, "straight ahead, behind the wall");
  assert.ok(Math.max(...loud) > 0);
});

test("turns are fine in the middle, and every one is the nearest to itself", () => {
  assert.equal(turns[7], 0);
  assert.ok(Math.abs(turns[14] - Math.PI / 4) < 1e-12 && Math.abs(turns[0] + turns[14]) < 1e-12);
  assert.ok(turns[8] < 0.05);
  for (const [bin, angle] of turns.entries()) assert.equal(turnFor(angle), bin);
});

test("a bomb is planted, bursts, and is defused", () => {
  const rounds = (defuse: boolean): unknown => {
    const game = arena({ field: duel, objective: "plant" });
    staged(game, [
      [1.5, 3.5, -Math.PI / 2],
      [6.5, 1.5, Math.PI],
    ]);
    for (let t = 0; t < 2 * rate; t++) game.step({ a0: action(stand, straight, 0, 1), b0: idle });
    const saved = game.save!() as Saved;
    assert.equal(saved.state[saved.state.length - roundSize], 1, "planted");
    if (defuse) {
      saved.state.splice(playerSize, 2, 1.6, 3.4);
      game.restore!(saved);
    }
    for (;;) {
      const step = game.step({ a0: idle, b0: action(stand, straight, 0, defuse ? 1 : 0) });
      if (step.terminated.a0) return [step.infos.a0.winner, step.rewards.a0, step.rewards.b0];
    }
  };
  assert.deepEqual(rounds(false), ["attackers", 1, -1]);
  assert.deepEqual(rounds(true), ["defenders", -1, 1]);
});

function match(first: BotOptions, second: BotOptions, rounds: number): { [winner: string]: number } {
  const game = makeParallel("Arena1v1-v0");
  const bots = { a0: arenaBot(first), b0: arenaBot(second) };
  const random = generator(randomKey(5));
  const wins: { [winner: string]: number } = { attackers: 0, defenders: 0, nobody: 0 };
  for (let seed = 0; seed < rounds; seed++) {
    let { observations } = game.reset({ seed });
    const memory = { a0: new Float64Array(bots.a0.memorySize), b0: new Float64Array(bots.b0.memorySize) };
    while (game.agents.length > 0) {
      const [a0, b0] = (["a0", "b0"] as const).map((agent) =>
        bots[agent].decide(observations[agent] as Float32Array, memory[agent], random),
      );
      const step = game.step({ a0, b0 });
      observations = step.observations;
      if (step.terminated.a0) wins[String(step.infos.a0.winner)]++;
    }
  }
  return wins;
}

test("the more skilled win, from either side, in every style", () => {
  for (const style of botStyles.filter((one) => one !== "camper")) {
    assert.ok(match({ style, skill: 1 }, { style, skill: 0 }, 40).attackers >= 28, style);
    assert.ok(match({ style, skill: 0 }, { style, skill: 1 }, 40).defenders >= 28, style);
  }
});

test("styles are told apart by where they go", () => {
  const roamed = (style: BotOptions["style"] & string): number => {
    const game = arena({ field: "rooms" });
    const bot = arenaBot({ style });
    const random = generator(randomKey(1));
    let { observations } = game.reset({ seed: 3 });
    const memory = new Float64Array(bot.memorySize);
    const cells = new Set<string>();
    for (let t = 0; t < 200 && game.agents.length > 0; t++) {
      const step = game.step({ a0: bot.decide(observations.a0 as Float32Array, memory, random), b0: idle });
      observations = step.observations;
      const [x, y] = (game.save!() as Saved).state;
      cells.add(`${Math.floor(x)},${Math.floor(y)}`);
    }
    return cells.size;
  };
  assert.ok(roamed("patrol") > 1.3 * roamed("camper"));
});

for (const { name } of arenaTasks) {
  test(`${name} for one keeps the interface, saves itself and its players`, () => {
    assert.deepEqual(checkEnvironment(make(name), { steps: 120 }), []);
    assert.deepEqual(checkEnvironment(make(name, { actions: "flat", side: "defenders" }), { steps: 60 }), []);
    const [env, other] = [make(name), make(name)];
    const random = generator(randomKey(3));
    env.reset({ seed: 7 });
    for (let t = 0; t < 60; t++) if (env.step(sample(env.actionSpace, random)).terminated) env.reset();
    other.restore!(JSON.parse(JSON.stringify(env.save!())));
    for (let t = 0; t < 100; t++) {
      const chosen = sample(env.actionSpace, random);
      const step = env.step(chosen);
      assert.deepEqual(other.step(chosen), step);
      if (step.terminated) assert.deepEqual(other.reset(), env.reset());
    }
    assert.match(toSvg(env.scene!()), /^<svg.*<\/svg>$/);
  });
}

for (const { name } of arenaGames) {
  test(`${name} for all: the same seed is the same game, observations are in their spaces, ends are everyone's`, () => {
    const play = (): string[] => {
      const game = makeParallel(name);
      const random = generator(randomKey(3));
      const lines = [JSON.stringify(game.reset({ seed: 4 }))];
      for (let t = 0; t < 150 && game.agents.length > 0; t++) {
        const actions = Object.fromEntries(
          game.agents.map((agent) => [agent, sample(game.actionSpaces[agent], random)]),
        );
        const step = game.step(actions);
        for (const agent of game.possibleAgents) {
          assert.ok(contains(game.observationSpaces[agent], step.observations[agent]));
        }
        assert.equal(new Set(Object.values(step.terminated)).size, 1);
        lines.push(JSON.stringify(step));
      }
      return lines;
    };
    assert.deepEqual(play(), play());
    assert.deepEqual(checkParallelEnvironment(makeParallel(name)), []);
  });
}

test("who cannot be, is said so", () => {
  assert.throws(() => arena({ teamSize: 9 }), /1 to 4/);
  assert.throws(() => arena({ field: "attic" }), /no field "attic"/);
  assert.throws(() => arena({ field: ["####", "#A.#", "####"] }), /at least one A, one B and one X/);
  assert.throws(() => make("Arena1v1-v0", { enemies: "sniper" }), /aggressive, camper, patrol, mixed/);
  assert.throws(() => arenaBot({ skill: 3 }), /\[0, 1\]/);
  const game = arena();
  assert.throws(() => game.step({ a0: idle, b0: idle }), /before reset/);
  game.reset({ seed: 1 });
  assert.throws(() => game.step({ a0: idle }), /b0/);
  assert.throws(() => game.restore!({ state: [1] }), /Arena\.save/);
});
