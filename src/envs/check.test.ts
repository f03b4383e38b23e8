import assert from "node:assert/strict";
import { test } from "node:test";
import { box, dict, discrete, multiDiscrete, type Space, text, tuple, type Value } from "../spaces/index.ts";
import { generator, randomKey } from "../tensor/random.ts";
import type { Environment, Info, Step } from "./environment.ts";
import { adviceOn, autoreset, checkEachStep, checkEnvironment, parameter, register, registered } from "./index.ts";

/** A walk along a line from a random start, over at 20. Nothing is wrong with it. */
function walk(): Environment {
  let [at, seed, episode, over, pace] = [0, 0, 0, true, 1];
  let random = generator(randomKey(0));
  const parameters = { pace: parameter(1, 0, 2, "length of a step") };
  return {
    name: "Walk-v0",
    observationSpace: box(0, 30),
    actionSpace: box(-1, 1),
    reset(options = {}) {
      [seed, episode] = options.seed === undefined ? [seed, episode + 1] : [options.seed, 0];
      random = generator(randomKey(1000 * seed + episode));
      [at, over] = [random.between(0, 10), false];
      return { observation: Float32Array.of(at), info: {} };
    },
    step(action) {
      assert.ok(!over);
      at = Math.max(0, at + pace * (action as Float32Array)[0] + random.between(0, 1));
      over = at > 20;
      const info: Info = { success: over };
      return { observation: Float32Array.of(at), reward: at, terminated: over, truncated: false, info };
    },
    parameters,
    perturb(values) {
      assert.ok(Object.entries(values).every(([name, value]) => name === "pace" && value >= 0 && value <= 2));
      pace = values.pace;
    },
    parameterValues: () => ({ pace }),
    save: () => ({ at, seed, episode, over, pace, drawn: random.position() }),
    restore(saved) {
      let drawn: number;
      ({ at, seed, episode, over, pace, drawn } = saved as Record<string, never>);
      random = generator(randomKey(1000 * seed + episode), drawn);
    },
    scene: () => ({
      x: 0,
      y: 0,
      width: 30,
      height: 1,
      shapes: [{ kind: "disc", x: at, y: 0, radius: 1, fill: "#000" }],
    }),
  };
}

type Change = (step: Step) => { readonly [part: string]: unknown };
/** The walk with its steps' answers changed. */
function stepping(change: Change): Environment {
  const env = walk();
  return {
    ...env,
    step(action) {
      const step = env.step(action);
      return { ...step, ...change(step) } as Step;
    },
  };
}
/** The walk that shows something else, in another space. */
function showing(observationSpace: Space, show: (at: number) => unknown): Environment {
  const env = stepping(({ observation }) => ({ observation: show((observation as Float32Array)[0]) }));
  const reset: Environment["reset"] = (options) => {
    const { observation, info } = env.reset(options);
    return { observation: show((observation as Float32Array)[0]) as Value, info };
  };
  return { ...env, observationSpace, reset };
}
const having = (change: Partial<Environment>): Environment => ({ ...walk(), ...change });
const without = (part: keyof Environment): Environment => {
  const { [part]: _, ...rest } = walk();
  return rest as Environment;
};
const line = box(0, 30);

const seen = "the observation";
const broken: { readonly [what: string]: readonly [Environment, string] } = {
  "no name": [having({ name: "" }), 'name is missing: give the environment a registered name, such as "MyTask-v0".'],
  "no space": [
    having({ actionSpace: { kind: "bok" } as never }),
    'actionSpace: not a space: its kind is "bok"; wanted box, discrete, multi-discrete, dict, tuple, text. Make it with box, discrete, multiDiscrete, dict, tuple or text.',
  ],
  "float64 for float32": [
    showing(line, (at) => Float64Array.of(at)),
    `reset: ${seen} is a Float64Array where its space says float32: return Float32Array.from(it), or declare box(…, { dtype: "float64" }).`,
  ],
  "float32 for float64": [
    showing(box(0, 30, { dtype: "float64" }), (at) => Float32Array.of(at)),
    `reset: ${seen} is a Float32Array where its space says float64: return Float64Array.from(it), or declare box(…, { dtype: "float32" }).`,
  ],
  "a plain array": [showing(line, (at) => [at]), `reset: ${seen} is a plain array: return Float32Array.from(it).`],
  "a number for a Box": [showing(line, (at) => at), `reset: ${seen} is 4.015130043029785: wanted a Float32Array.`],
  "another length": [
    showing(box(0, 30, { shape: [2, 2] }), (at) => Float32Array.of(at)),
    `reset: ${seen} has 1 numbers: its space has 4, of shape [2, 2].`,
  ],
  NaN: [
    stepping(() => ({ observation: Float32Array.of(Number.NaN) })),
    `step: ${seen} is NaN in element 0: look for a division by 0, or a root or logarithm of something negative.`,
  ],
  "out of bounds": [
    stepping(() => ({ observation: Float32Array.of(31) })),
    `step: ${seen} is 31 in element 0, outside [0, 30]: widen the bounds, or clip it.`,
  ],
  "no choice": [showing(discrete(3), () => 3), `reset: ${seen} is 3: wanted a whole number from 0 to 2.`],
  "choices in a list": [
    showing(multiDiscrete([2]), () => [1]),
    `reset: ${seen} is an array of 1: wanted an Int32Array (Int32Array.of(…)).`,
  ],
  "too few choices": [
    showing(multiDiscrete([2, 2]), () => Int32Array.of(1)),
    `reset: ${seen} has 1 choices: its space has 2.`,
  ],
  "a choice too far": [
    showing(multiDiscrete([2, 2]), () => Int32Array.of(1, 2)),
    `reset: ${seen} is 2 in element 1: wanted 0 to 1.`,
  ],
  "no record": [showing(dict({ at: line }), () => 1), `reset: ${seen} is 1: wanted a record of at.`],
  "an entry missing": [showing(dict({ at: line }), () => ({})), `reset: ${seen} has no "at": its space says it has.`],
  "an entry too many": [
    showing(dict({ at: line }), (at) => ({ at: Float32Array.of(at), to: 1 })),
    `reset: ${seen} has "to", which its space has not: leave it out, or declare it.`,
  ],
  "an entry inside wrong": [
    showing(dict({ at: line }), (at) => ({ at: [at] })),
    `reset: ${seen}.at is a plain array: return Float32Array.from(it).`,
  ],
  "a tuple's part wrong": [
    showing(tuple(discrete(2), discrete(2)), () => [1, 2]),
    `reset: ${seen}[1] is 2: wanted a whole number from 0 to 1.`,
  ],
  "no tuple": [
    showing(tuple(discrete(2)), () => 1),
    `reset: ${seen} is 1: wanted an array of 1, one a part of the Tuple.`,
  ],
  "no text": [showing(text(3), () => 1), `reset: ${seen} is 1: wanted a string.`],
  "too long a text": [showing(text(3), () => "four"), `reset: ${seen} has 4 characters: its space allows 3.`],
  "a reset that returns the observation alone": [
    having({ reset: (() => Float32Array.of(1)) as never }),
    "reset returned Float32Array [1]; wanted { observation, info }.",
  ],
  "a promise": [
    having({ step: (async () => ({})) as never }),
    "step returned a promise: environments answer at once; do what takes time before, or in a vector of your own.",
  ],
  "no info": [stepping(() => ({ info: undefined })), "step returned no info; an empty object {} will do."],
  "success as a number": [
    stepping(() => ({ info: { success: 1 } })),
    "step returned info.success as 1; wanted true or false, as success is counted.",
  ],
  "a reward of parts": [
    stepping(() => ({ reward: [1, 2] })),
    "step returned a reward that is an array of 2; wanted a number, the sum of all parts.",
  ],
  "a reward without end": [
    stepping(() => ({ reward: Number.NEGATIVE_INFINITY })),
    "step returned the reward -Infinity; wanted a finite number.",
  ],
  "a flag that is a number": [
    stepping(({ terminated }) => ({ terminated: Number(terminated) })),
    "step returned terminated as 0; wanted true or false.",
  ],
  "both ends at once": [
    stepping(({ terminated }) => ({ truncated: terminated })),
    "step said terminated and truncated at once: where the world itself ended, truncated is false, as nothing was cut off.",
  ],
  "steps beyond the end": [
    stepping(({ observation }) => ({ terminated: (observation as Float32Array)[0] > 15 })),
    'step went on after the end of an episode: throw until reset is called (problem("not-running", { where })).',
  ],
  "the same array again": [
    (() => {
      const own = new Float32Array(1);
      return showing(line, (at) => {
        own[0] = at;
        return own;
      });
    })(),
    "step returned the same object as the call before: return a new one each time, it is the caller's to keep.",
  ],
  "a view of its own numbers": [
    (() => {
      const own = new Float32Array(1);
      return showing(line, (at) => {
        own[0] = at;
        return own.subarray(0);
      });
    })(),
    "step changed an observation it had already returned: return a new array each time (for example state.slice()).",
  ],
  "its own array, once": [
    (() => {
      const env = walk();
      let kept: Value = new Float32Array(1);
      const reset: Environment["reset"] = (options) => {
        const first = env.reset(options);
        kept = first.observation;
        return first;
      };
      const step: Environment["step"] = (action) => ({ ...env.step(action), reward: (kept as Float32Array)[0] });
      return { ...env, reset, step, save: undefined, restore: undefined } as never as Environment;
    })(),
    "Writing into an observation it had returned changed what followed: return a copy (for example state.slice()).",
  ],
  "an action it keeps": [
    (() => {
      const env = walk();
      let before: Value = Float32Array.of(0);
      const reset: Environment["reset"] = (options) => {
        before = Float32Array.of(0);
        return env.reset(options);
      };
      const step: Environment["step"] = (action) => {
        const reward = (before as Float32Array)[0];
        before = action;
        return { ...env.step(action), reward };
      };
      return { ...env, reset, step, save: undefined, restore: undefined } as never as Environment;
    })(),
    "Writing into an action after its step changed what followed: copy what is kept of an action.",
  ],
  "an action it changes": [
    (() => {
      const env = walk();
      const step: Environment["step"] = (action) => {
        const answer = env.step(action);
        (action as Float32Array)[0] = 0;
        return answer;
      };
      return { ...env, step };
    })(),
    "step changed the action it was given: copy it first.",
  ],
  "chance from nowhere": [
    (() => {
      let calls = 0;
      return stepping(() => ({ reward: calls++ }));
    })(),
    "The same seed and actions gave different results from step 1 on: draw all chance from a generator that reset({ seed }) starts anew.",
  ],
  "one episode for ever": [
    (() => {
      const env = walk();
      let known = 0;
      const reset: Environment["reset"] = ({ seed = known } = {}) => {
        known = seed;
        return env.reset({ seed });
      };
      return { ...env, reset };
    })(),
    "reset without a seed began the same episode again and again: go on in the seed's stream, so that its episodes differ.",
  ],
  "save alone": [without("restore"), "save and restore come together: give both or neither."],
  "a save that forgets chance": [
    (() => {
      const env = walk();
      return { ...env, restore: (saved) => env.restore!({ ...(saved as object), drawn: 0 }) };
    })(),
    "After restore of what save returned (through JSON), the same actions gave other results: save everything that matters, the generator's position included.",
  ],
  "a save of arrays": [
    having({ save: () => ({ state: { x: Float64Array.of(1) } }) }),
    "What save returned is not plain JSON: it.state.x is Float64Array [1]; save numbers, strings, lists and records ([...array], not array).",
  ],
  "a save that lives on": [
    (() => {
      const env = walk();
      const live = {};
      const save = () => Object.assign(live, env.save!());
      const step: Environment["step"] = (action) => {
        const answer = env.step(action);
        save();
        return answer;
      };
      return { ...env, step, save };
    })(),
    "What save returned changed with later steps: return a copy.",
  ],
  "parameters that cannot be changed": [
    without("perturb"),
    "parameters and perturb come together: give both or neither.",
  ],
  "a parameter outside its range": [
    having({ parameters: { pace: parameter(3, 0, 2, "pace") } }),
    "The parameter pace is 3, outside its own range [0, 2]: widen the range.",
  ],
  "a parameter of unknown meaning": [
    having({ parameters: { pace: parameter(1, 0, 2, "") } }),
    "The parameter pace does not say what it is about: one phrase with its unit.",
  ],
  "any name perturbed": [
    (() => {
      const env = walk();
      return { ...env, perturb: (values) => "pace" in values && env.perturb!(values) };
    })() as Environment,
    'perturb took the value of a parameter that does not exist ("no such parameter"): refuse unknown names.',
  ],
  "any value perturbed": [
    (() => {
      const env = walk();
      const perturb: Environment["perturb"] = (values) =>
        env.perturb!({ ...values, ...(values.pace > 2 ? { pace: 2 } : {}) });
      return { ...env, perturb };
    })(),
    "perturb took pace = 3, beyond its range: refuse what is outside.",
  ],
  "values not told": [
    having({ parameterValues: () => ({}) }),
    "parameterValues says undefined of pace; wanted its present value, a number.",
  ],
  "values of before": [
    having({ parameterValues: () => ({ pace: 1 }) }),
    "After perturb({ pace: 0 }), parameterValues says 1: say what holds now.",
  ],
  "a picture of nothing": [having({ scene: () => undefined as never }), "scene returned undefined; wanted a Scene."],
  "a picture without size": [
    having({ scene: () => ({ x: 0, y: 0, width: 0, height: 1, shapes: [] }) }),
    "scene returned x, y, width, height of 0, 0, 0, 1; wanted finite numbers, the sizes above 0.",
  ],
  "a colour by name": [
    having({ scene: () => ({ x: 0, y: 0, width: 1, height: 1, background: "white", shapes: [] }) }),
    'scene returned the background "white"; wanted "#rgb" or "#rrggbb".',
  ],
  "no shapes": [
    having({ scene: () => ({ x: 0, y: 0, width: 1, height: 1 }) as never }),
    "scene returned shapes as undefined; wanted a list.",
  ],
  "an unknown shape": [
    having({ scene: () => ({ x: 0, y: 0, width: 1, height: 1, shapes: [{ kind: "star" } as never] }) }),
    'scene returned a shape (0, "star") of no known kind; wanted "disc", "polygon", "line" or "text".',
  ],
  "a shape nowhere": [
    having({
      scene: () => ({
        x: 0,
        y: 0,
        width: 1,
        height: 1,
        shapes: [{ kind: "disc", x: Number.NaN, y: 0, radius: 1, fill: "#000" }],
      }),
    }),
    'scene returned a shape (0, "disc") with a number, a point or a colour that is none; see scene.ts for what each holds.',
  ],
  "a throw in play": [
    having({ step: () => assert.fail("out of paper") }),
    "It threw while being played as the interface allows: out of paper",
  ],
};

test("nothing is said of an environment with which nothing is wrong", () => {
  assert.deepEqual(checkEnvironment(walk()), []);
  assert.deepEqual(checkEnvironment(autoreset(walk())), []);
  assert.deepEqual(checkEnvironment(having({ name: "Other" })), []);
});

for (const [what, [env, sentence]] of Object.entries(broken)) {
  test(`one sentence for what is wrong: ${what}`, () => {
    const said = checkEnvironment(env);
    assert.equal(said.length, 1, said.join("\n"));
    assert.ok(said[0].startsWith(sentence), `${said[0]}\n${sentence}`);
  });
}

test("an environment watched while it is used throws the sentence at the first wrong answer", () => {
  const fine = checkEachStep(walk());
  fine.reset({ seed: 1 });
  fine.step(Float32Array.of(0));
  assert.deepEqual(checkEnvironment(checkEachStep(walk())), []);
  const wrong = checkEachStep(stepping(() => ({ observation: Float32Array.of(31) })));
  wrong.reset({ seed: 1 });
  assert.throws(
    () => wrong.step(Float32Array.of(0)),
    /^Problem: Walk-v0: step: the observation is 31 in element 0, outside/,
  );
});

test("advice on what is allowed and often a mistake", () => {
  if (!registered().some(({ name }) => name === "Walk-v0")) register({ name: "Walk-v0", about: "Walk.", create: walk });
  assert.deepEqual(adviceOn(walk()), []);
  const advised: readonly (readonly [Environment, RegExp])[] = [
    [stepping(() => ({ reward: 0 })), /^The reward was 0 in all of 200 random steps/],
    [having({ name: "Nameless-v0" }), /^No environment is registered as "Nameless-v0"/],
    [having({ observationSpace: box(-Infinity, Infinity) }), /^No number of the observation has a bound/],
    [having({ actionSpace: box(0, 1) }), /^The action's bounds are not symmetric/],
    [having({ actionSpace: box(-1, Infinity) }), /^The action has no bounds/],
    [having({ perturb: () => {} }), /^The parameter pace changed nothing in 60 random steps, from 0 to 2/],
    [without("save"), /^It cannot be saved/],
    [having({ save: () => "x".repeat(2e6) }), /^What save returned is 2\.0 MB of JSON/],
    [without("scene"), /^It has no scene/],
  ];
  for (const [env, sentence] of advised) {
    const said = adviceOn(env);
    assert.equal(said.length, 1, said.join("\n"));
    assert.match(said[0], sentence);
  }
  const endless = having({
    step: () => ({ observation: Float32Array.of(1), reward: 1, terminated: false, truncated: false, info: {} }),
  });
  const said = adviceOn({ ...endless, parameters: undefined } as never as Environment).join("\n");
  assert.match(said, /The reward was 1 in all of 200 random steps, and no episode ended/);
  assert.match(said, /No episode ended in 200 random steps/);
});
