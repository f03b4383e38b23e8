import assert from "node:assert/strict";
import { test } from "node:test";
import { box, dict, discrete } from "../spaces/index.ts";
import { ndarray } from "../tensor/ndarray.ts";
import { generator, randomKey } from "../tensor/random.ts";
import {
  checkEnvironment,
  checkParallelEnvironment,
  joint,
  make,
  makeParallel,
  type ParallelEnvironment,
  type ParallelStep,
  registeredParallel,
  registerParallel,
  single,
  timeLimitParallel,
  turns,
  vectoriseParallel,
} from "./index.ts";
import { parameter } from "./parameters.ts";

const racers = ["red", "blue"] as const;
type Each<T> = { [agent: string]: T };

/** Each steps 0, 1 or 2 forward, now and then one more by luck, sees both places, and is done at 6; first there earns 1. */
function race({ goal = 6 } = {}): ParallelEnvironment {
  let [seed, episode, luck] = [0, 0, 0.25];
  let random = generator(randomKey(0));
  let at: Each<number> = {};
  let agents: readonly string[] = [];
  const all = <T>(of: readonly string[], value: (agent: string) => T): Each<T> =>
    Object.fromEntries(of.map((agent) => [agent, value(agent)]));
  const see = (agent: string) => Float32Array.of(at[agent], ...racers.filter((it) => it !== agent).map((it) => at[it]));
  return {
    name: "Race-v0",
    possibleAgents: racers,
    get agents() {
      return agents;
    },
    observationSpaces: all(racers, () => box(0, 20, { shape: [2] })),
    actionSpaces: all(racers, () => discrete(3)),
    reset(options = {}) {
      [seed, episode] = options.seed === undefined ? [seed, episode + 1] : [options.seed, 0];
      random = generator(randomKey(1000 * seed + episode));
      at = all(racers, () => random.integer(2));
      agents = racers;
      return { observations: all(agents, see), infos: all(agents, () => ({})) };
    },
    step(actions) {
      assert.ok(agents.length > 0 && agents.every((agent) => actions[agent] !== undefined));
      const before = agents;
      const leads = racers.some((agent) => at[agent] >= goal);
      for (const agent of before) at[agent] += (actions[agent] as number) + Number(random.uniform() < luck);
      const terminated = all(before, (agent) => at[agent] >= goal);
      agents = before.filter((agent) => !terminated[agent]);
      return {
        observations: all(before, see),
        rewards: all(before, (agent) => Number(terminated[agent] && !leads)),
        terminated,
        truncated: all(before, () => false),
        infos: all(before, (agent) => ({ at: at[agent] })),
      };
    },
    parameters: { luck: parameter(0.25, 0, 1, "chance of one more") },
    perturb: (values) => {
      assert.ok(Object.entries(values).every(([name, value]) => name === "luck" && value >= 0 && value <= 1));
      luck = values.luck;
    },
    parameterValues: () => ({ luck }),
    save: () => ({ seed, episode, luck, at: { ...at }, agents: [...agents], drawn: random.position() }),
    restore(saved) {
      let drawn: number;
      ({ seed, episode, luck, at, agents, drawn } = structuredClone(saved) as never);
      random = generator(randomKey(1000 * seed + episode), drawn);
    },
    scene: () => ({ x: 0, y: 0, width: 20, height: 2, shapes: [] }),
  };
}
/** No luck: everything follows from the moves. */
function plain(options?: { goal: number }): ParallelEnvironment {
  const game = race(options);
  game.perturb!({ luck: 0 });
  return game;
}
const places = ({ save }: ParallelEnvironment) => (save!() as { at: Each<number> }).at;

test("the check finds nothing in a sound game, nor in any that is registered", () => {
  assert.deepEqual(checkParallelEnvironment(race()), []);
  assert.deepEqual(checkParallelEnvironment(timeLimitParallel(race(), 3)), []);
  for (const { name, needs = [], about } of registeredParallel()) {
    if (needs.length > 0) continue;
    assert.deepEqual(checkParallelEnvironment(makeParallel(name), { steps: 20 }), [], name);
    assert.match(about, /\.$/);
  }
});

/** The race with its steps changed; its agents stay those of the race. */
function stepping(change: (step: ParallelStep) => object): ParallelEnvironment {
  const game = race();
  const step: ParallelEnvironment["step"] = (actions) => {
    const taken = game.step(actions);
    return { ...taken, ...change(taken) };
  };
  return Object.defineProperties({ ...game }, { agents: { get: () => game.agents }, step: { value: step } });
}
const reading = (change: object): ParallelEnvironment => {
  const game = race();
  return Object.defineProperties({ ...game, ...change }, { agents: { get: () => game.agents } });
};

test("one sentence for each thing that is wrong with a game", () => {
  const broken: readonly (readonly [ParallelEnvironment, string])[] = [
    [reading({ possibleAgents: ["red", "red"] }), "possibleAgents is [red, red]; wanted at least one name, each once."],
    [
      reading({ actionSpaces: { red: discrete(3) } }),
      "actionSpaces has nothing for red; wanted a space for each of possibleAgents.",
    ],
    [stepping(() => ({ rewards: {} })), "step: rewards are of nobody; wanted one for each of red, blue."],
    [
      stepping(() => ({ observations: { red: Float32Array.of(1, 1), green: 1 } })),
      "step: observations are of green, red; wanted one for each of red, blue.",
    ],
    [
      stepping(({ observations }) => ({
        observations: { ...observations, ...("red" in observations ? { red: [1, 2] } : {}) },
      })),
      "step: the observation of red is a plain array: return Float32Array.from(it).",
    ],
    [
      stepping(({ rewards }) => ({ rewards: Object.fromEntries(Object.keys(rewards).map((it) => [it, NaN])) })),
      "step returned NaN as the reward of red; wanted a finite number.",
    ],
    [
      stepping(({ terminated }) => ({ truncated: terminated })),
      "step said terminated and truncated of red at once: where its game itself ended, nothing was cut off.",
    ],
    [
      stepping(({ terminated }) => ({ terminated: Object.fromEntries(Object.keys(terminated).map((it) => [it, 0])) })),
      "step returned terminated of red as 0; wanted true or false.",
    ],
    [
      stepping(({ terminated }) => ({
        terminated: Object.fromEntries(Object.keys(terminated).map((it) => [it, false])),
      })),
      "red left agents with neither terminated nor truncated: say which of them.",
    ],
    [
      stepping(({ terminated }) => ({
        terminated: Object.fromEntries(Object.keys(terminated).map((it) => [it, true])),
      })),
      "red is still in agents after its game has ended: leave it out.",
    ],
    [reading({ restore: undefined }), "save and restore come together: give both or neither."],
    [
      reading({ restore: () => {} }),
      "After restore of what save returned (through JSON), the same actions gave other results",
    ],
  ];
  for (const [game, sentence] of broken) {
    const said = checkParallelEnvironment(game).map((it) =>
      it.includes("of red, blue") ? it : it.replaceAll("blue", "red"),
    );
    assert.ok(
      said.some((it) => it.startsWith(sentence)),
      `${said.join("\n")}\n${sentence}`,
    );
  }
  assert.deepEqual(checkParallelEnvironment(stepping(() => assert.fail("no paper"))), [
    "It threw while being played as the interface allows: no paper",
  ]);
});

test("a time limit cuts the game off for all who are still in it", () => {
  const game = timeLimitParallel(plain({ goal: 4 }), 2);
  game.reset({ seed: 1 });
  const fast = { red: 2, blue: 1 };
  assert.deepEqual(game.step(fast).truncated, { red: false, blue: false });
  const { terminated, truncated } = game.step(fast);
  assert.deepEqual(
    [terminated, truncated],
    [
      { red: true, blue: false },
      { red: false, blue: true },
    ],
  );
  assert.deepEqual(game.agents, []);
  assert.throws(() => game.step(fast), /Call reset first/);
  assert.throws(() => timeLimitParallel(race(), 0), /option "maxSteps" is 0/);
});

test("one agent's view is an environment; partners see what is theirs and remember", () => {
  const eager = { memorySize: 1, decide: (_: unknown, memory: Float64Array) => Math.min(2, memory[0]++) };
  assert.deepEqual(checkEnvironment(single(race(), "red", { blue: (_, random) => random.integer(3) })), []);
  assert.deepEqual(checkEnvironment(single(race(), "blue", { red: eager })), []);
  const game = plain({ goal: 5 });
  const env = single(game, "blue", { red: eager });
  for (let episode = 0; episode < 2; episode++) {
    const start = env.reset({ seed: 3 }).observation as Float32Array;
    const seen = [0, 0, 0].map(() => (env.step(0).observation as Float32Array)[1] - start[1]);
    assert.deepEqual(seen, [0, 1, 3], "its memory begins anew");
  }
  env.reset({ seed: 3 });
  let end = env.step(2);
  while (!end.terminated) end = env.step(2);
  assert.deepEqual([end.terminated, end.reward], [true, 1]);
  assert.throws(() => env.step(2), /Call reset first/);
  const other = single(race(), "blue", { red: eager });
  other.reset({ seed: 5 });
  other.step(1);
  const saved = JSON.parse(JSON.stringify(other.save!()));
  const copy = single(race(), "blue", { red: eager });
  copy.restore!(saved);
  assert.deepEqual(copy.step(1), other.step(1));
  assert.throws(() => single(race(), "green", {}), /there is no agent "green"\. Known: red, blue/);
  assert.throws(() => single(race(), "red", {}), /got "no partner for blue"; wanted one for each of blue/);
});

test("the whole game is an environment of records, over when the last agent is", () => {
  assert.deepEqual(checkEnvironment(joint(race())), []);
  const env = joint(plain({ goal: 4 }));
  assert.deepEqual(env.actionSpace, dict({ red: discrete(3), blue: discrete(3) }));
  env.reset({ seed: 1 });
  const first = env.step({ red: 2, blue: 0 });
  assert.deepEqual([first.reward, first.terminated], [0, false]);
  const second = env.step({ red: 2, blue: 0 });
  assert.deepEqual([second.reward, second.terminated, second.info.rewards], [1, false, { red: 1, blue: 0 }]);
  const red = (second.observation as Each<Float32Array>).red;
  const third = env.step({ red: 2, blue: 2 });
  assert.deepEqual((third.observation as Each<Float32Array>).red, red, "who has left is seen as last");
  const fourth = env.step({ red: 0, blue: 2 });
  assert.deepEqual([fourth.terminated, fourth.truncated], [true, false]);
  assert.throws(() => env.step({ red: 0, blue: 2 }), /Call reset first/);
  const cut = joint(timeLimitParallel(race(), 1), ({ red = 0 }) => -1 - red);
  cut.reset({ seed: 1 });
  const { reward, truncated } = cut.step({ red: 0, blue: 0 });
  assert.deepEqual([reward, truncated], [-1, true]);
  assert.throws(() => env.step({ red: 0 }), /Call reset first/);
  env.reset();
  assert.throws(() => env.step({ red: 0 }), /wanted a value of Dict\(blue: Discrete\(3\), red: Discrete\(3\)\)/);
});

test("turn by turn the same game is played, each agent told its end once", () => {
  const together = plain({ goal: 4 });
  const game = plain({ goal: 4 });
  const apart = turns(game);
  const { observations } = together.reset({ seed: 2 });
  apart.reset({ seed: 2 });
  assert.deepEqual([apart.agent, apart.last().observation], ["red", observations.red]);
  apart.step(2);
  assert.deepEqual([apart.agent, places(game)], ["blue", places(together)], "nothing happens before all have spoken");
  apart.step(1);
  const step = together.step({ red: 2, blue: 1 });
  assert.deepEqual(apart.last().observation, step.observations.red);
  apart.step(2);
  apart.step(1);
  together.step({ red: 2, blue: 1 });
  assert.deepEqual([apart.agent, apart.last().terminated, apart.last().reward], ["red", true, 1]);
  assert.throws(() => apart.step(1), /wanted undefined, as the game of red has ended/);
  apart.step(undefined);
  assert.equal(apart.agent, "blue");
  assert.throws(() => apart.step(undefined), /wanted the action of blue/);
  while (apart.agent !== undefined) apart.step(apart.last().terminated ? undefined : 2);
  assert.deepEqual(game.agents, []);
  assert.throws(() => apart.last(), /Call reset first/);
});

test("games side by side have a row an agent; who has left waits for the next game", () => {
  const vector = vectoriseParallel([() => plain({ goal: 4 }), () => plain({ goal: 20 })]);
  assert.deepEqual(vector.agents, ["red", "blue", "red", "blue"]);
  const alone = plain({ goal: 4 });
  const { observation } = vector.reset({ seed: 7 });
  alone.restore!(vector.games[0].save!());
  assert.deepEqual([...observation.data.slice(0, 2)], Object.values(places(alone)));
  const actions = ndarray([2, 1, 0, 0], { dtype: "int32" });
  vector.step(actions);
  alone.step({ red: 2, blue: 1 });
  const ends = vector.step(actions);
  const wanted = alone.step({ red: 2, blue: 1 });
  assert.deepEqual(
    [[...ends.terminated], [...ends.active], [...ends.reward]],
    [
      [1, 0, 0, 0],
      [0, 1, 1, 1],
      [1, 0, 0, 0],
    ],
  );
  assert.deepEqual(ends.finalObservation!.data.slice(0, 2), wanted.observations.red);
  assert.deepEqual([...ends.observation.data.slice(0, 2)], [0, 0]);
  assert.deepEqual(ends.observation.data.slice(2, 4), wanted.observations.blue);
  assert.deepEqual(ends.finalInfo, [wanted.infos.red, undefined, undefined, undefined]);
  const saved = JSON.parse(JSON.stringify(vector.save!()));
  const on = vector.step(actions);
  assert.deepEqual([[...on.active], on.finalObservation], [[0, 1, 1, 1], undefined]);
  vector.restore!(saved);
  let last = vector.step(actions);
  while (last.terminated[1] === 0) last = vector.step(actions);
  assert.deepEqual([...last.active], [1, 1, 1, 1], "both begin the next game");
  assert.ok(last.observation.data[0] < 2);
  assert.throws(() => vector.step(ndarray([1, 1], { dtype: "int32" })), /wanted \[4\], one action an environment/);
  const odd = { ...race(), actionSpaces: { red: discrete(3), blue: discrete(2) } };
  assert.throws(() => vectoriseParallel([() => odd]), /environment 1 \(Race-v0, blue\): got "Discrete\(2\)"/);
  assert.throws(() => vectoriseParallel([]), /wanted at least one game/);
});

test("games are registered and made by name, apart from environments", () => {
  registerParallel({ name: "Race-v0", about: "Race.", maxSteps: 2, options: ["goal"], create: race });
  const game = makeParallel("Race-v0", { goal: 9 });
  game.reset({ seed: 1 });
  game.step({ red: 0, blue: 0 });
  assert.deepEqual(game.step({ red: 0, blue: 0 }).truncated, { red: true, blue: true });
  assert.throws(() => makeParallel("Rase-v0"), /makeParallel: there is no environment "Rase-v0"\. Known: Race-v0/);
  assert.throws(() => make("Race-v0"), /make: there is no environment "Race-v0"/);
  assert.throws(
    () => registerParallel({ name: "Race-v0", about: "", create: race }),
    /registerParallel: got "Race-v0"/,
  );
});
