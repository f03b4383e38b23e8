import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { box } from "../../spaces/make.ts";
import { sample } from "../../spaces/sample.ts";
import type { Value } from "../../spaces/space.ts";
import { generator, randomKey } from "../../tensor/random.ts";
import { checkEnvironment } from "../check.ts";
import type { Environment, Step } from "../environment.ts";
import { make, prepare } from "../registry.ts";
import { toSvg } from "../scene.ts";
import { timeLimit } from "../time-limit.ts";
import { loadMujoco } from "./engine.ts";
import { type MujocoEnvironment, mujocoEnvironment, type SavedPhysics } from "./environment.ts";
import { mujoco } from "./index.ts";
import { mujocoNames } from "./names.ts";
import { Physics } from "./physics.ts";

const engine = await loadMujoco();
const registrations = await mujoco();
const created = (name: string, options = {}): MujocoEnvironment =>
  registrations.find((entry) => entry.name === name)!.create(options) as MujocoEnvironment;

/** Numbers as text, to the bit; −0 apart from 0. */
const exactly = (step: Step): string =>
  JSON.stringify(step, (_, v) => (ArrayBuffer.isView(v) ? [...(v as Float64Array)] : Object.is(v, -0) ? "-0" : v));

const actionsOf = (env: Environment, seed: number, count: number): Value[] => {
  const random = generator(randomKey(seed));
  return Array.from({ length: count }, () => sample(env.actionSpace, random));
};

function play(env: Environment, actions: readonly Value[]): string[] {
  const lines: string[] = [];
  for (const action of actions) {
    const step = env.step(action);
    lines.push(exactly(step));
    if (step.terminated) break;
  }
  return lines;
}

test("the names known without the engine are those it offers", () => {
  assert.deepEqual(
    registrations.map(({ name }) => name),
    mujocoNames,
  );
});

for (const { name } of registrations.filter(({ name }) => !/Dense|Diverse/.test(name))) {
  test(`${name}: nothing is found wrong, its picture is one, and perturbing it changes it`, () => {
    const env = created(name);
    assert.deepEqual(checkEnvironment(env, { steps: 60 }), []);
    env.reset({ seed: 1 });
    assert.match(toSvg(env.scene!()), /^<svg xmlns.*(<circle|<polyline).*<\/svg>$/);
    const actions = actionsOf(env, 3, 4);
    const run = (values: { readonly [name: string]: number }): string[] => {
      env.reset({ seed: 1 });
      env.perturb!(values);
      const lines = play(env, actions);
      env.perturb!(Object.fromEntries(Object.entries(env.parameters!).map(([key, { value }]) => [key, value])));
      return lines;
    };
    const own = run({});
    const changes = { mass: 2, gear: 0.5, damping: 3, drag: 2, pushX: 5 };
    for (const change of Object.entries(changes).flatMap(([key, v]) =>
      key in env.parameters! ? [{ [key]: v }] : [],
    )) {
      assert.notDeepEqual(run(change), own, JSON.stringify(change));
    }
    assert.deepEqual(run({}), own, "and changing it back restores it");
    env.close();
  });
}

test("save → JSON → restore → step is step, to the bit, in another world and under changed parameters", () => {
  for (const name of ["Hopper-v5", "Ant-v5", "Humanoid-v5", "Reacher-v5", "AntMaze_Open_Diverse_GR-v5"]) {
    const [env, other] = [created(name, { terminate_when_unhealthy: false }), created(name)];
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 12 }), fc.boolean(), (seed, steps, changed) => {
        env.reset({ seed });
        env.perturb!(changed ? { mass: 1.3, gravity: 5, pushY: 2 } : { mass: 1, gravity: 9.81, pushY: 0 });
        const actions = actionsOf(env, seed, steps + 5);
        play(env, actions.slice(0, steps));
        const saved = JSON.parse(JSON.stringify(env.save!()));
        const ahead = play(env, actions.slice(steps));
        for (const world of [env, other]) {
          world.restore!(saved);
          assert.equal(play(world, actions.slice(steps, steps + 1))[0], ahead[0]);
          assert.deepEqual((world.save!() as SavedPhysics).changed, (saved as SavedPhysics).changed);
        }
        env.restore!(saved);
        assert.deepEqual(play(env, actions.slice(steps)), ahead);
      }),
      { seed: 2, numRuns: 6 },
    );
    env.close();
    other.close();
  }
});

test("the physics: restore, then step, equals step, contacts and all", () => {
  const env = created("Humanoid-v5");
  env.reset({ seed: 1 });
  const { physics } = env;
  physics.views.qvel[2] = -5; // into the ground
  physics.step(40);
  const state = physics.state();
  physics.views.ctrl.fill(0.3);
  const forward = () => {
    physics.views.ctrl.fill(0.3);
    physics.step(30);
    return physics.state();
  };
  const first = forward();
  physics.restore(state);
  assert.deepEqual(forward(), first);
  assert.equal(first.length, physics.stateSize);
  env.close();
});

test("views outlive the growth of the engine's memory", () => {
  const env = created("Hopper-v5");
  env.reset({ seed: 1 });
  const height = env.physics.views.qpos[1];
  const before = env.physics.views.qpos;
  const others = Array.from({ length: 25 }, () => created("Humanoid-v5"));
  assert.equal(before.length, 0, "the memory has grown, and left the old views empty");
  assert.equal(env.physics.views.qpos[1], height);
  for (const other of others) other.close();
  assert.equal(env.step(new Float32Array(3)).terminated, false);
  env.close();
});

test("who falls loses what health earns, and the episode only where it is to end so", () => {
  for (const name of ["Hopper-v5", "Walker2d-v5"]) {
    const [ends, goesOn] = [true, false].map((terminate_when_unhealthy) => created(name, { terminate_when_unhealthy }));
    for (const env of [ends, goesOn]) {
      env.reset({ seed: 1 });
      const lying = [0, 0.2, ...new Array(env.physics.nq - 2).fill(0)];
      env.setState(lying, new Float64Array(env.physics.nv));
      const step = env.step(new Float32Array(env.physics.nu));
      assert.deepEqual([step.terminated, step.info.reward_survive], [env === ends, 0], name);
      env.close();
    }
  }
});

test("pushes, gravity and masses do what they say", () => {
  const env = created("Hopper-v5", { terminate_when_unhealthy: false, reset_noise_scale: 0 });
  const after = (values: { readonly [name: string]: number }): Float64Array => {
    env.reset({ seed: 0 });
    env.perturb!({ gravity: 9.81, mass: 1, pushX: 0, pushZ: 0, ...values });
    for (let i = 0; i < 10; i++) env.step(new Float32Array(3));
    return env.physics.views.qpos.slice();
  };
  assert.ok(after({ pushX: 30 })[0] > after({})[0] + 0.01);
  const mass = env.physics.views.body_mass.reduce((a, b) => a + b);
  // A force of its own weight holds up what hangs in the air; without it, it falls by g t² / 2.
  const hung = (pushZ: number): number => {
    env.perturb!({ pushZ });
    env.setState([0, 3, 0, 0, 0, 0], new Float64Array(6));
    for (let i = 0; i < 10; i++) env.step(new Float32Array(3));
    return 3 - env.physics.views.qpos[1];
  };
  assert.ok(Math.abs(hung(9.81 * mass)) < 2e-3, "but for the foot, which sags");
  assert.ok(Math.abs(hung(0) - (9.81 * 0.08 ** 2) / 2) < 1e-6);
  after({ mass: 2 });
  assert.ok(Math.abs(env.physics.views.body_mass.reduce((a, b) => a + b) - 2 * mass) < 1e-9);
  after({});
  assert.equal(
    env.physics.views.body_mass.reduce((a, b) => a + b),
    mass,
  );
  env.close();
});

test("start states are spread as Gymnasium's are", () => {
  const spread = (name: string, options: object, seen: (env: MujocoEnvironment) => number): [number, number] => {
    const env = created(name, options);
    const values = Array.from({ length: 300 }, (_, seed) => {
      env.reset({ seed });
      return seen(env);
    });
    env.close();
    return [Math.min(...values), Math.max(...values)];
  };
  const near = ([low, high]: [number, number], from: number, to: number): void => {
    assert.ok(low >= from && high <= to && high - low > 0.95 * (to - from), `${low} to ${high}`);
  };
  near(
    spread("Hopper-v5", {}, ({ physics }) => physics.views.qpos[1]),
    1.245,
    1.255,
  );
  near(
    spread("Hopper-v5", { reset_noise_scale: 0.1 }, ({ physics }) => physics.views.qvel[3]),
    -0.1,
    0.1,
  );
  near(
    spread("Reacher-v5", {}, ({ physics }) => Math.hypot(physics.views.qpos[2], physics.views.qpos[3])),
    0,
    0.2,
  );
  const [low, high] = spread("Pusher-v5", {}, ({ physics }) =>
    Math.hypot(physics.views.qpos[7], physics.views.qpos[8]),
  );
  assert.ok(low > 0.17 && high > 0.3);
  const [slow, fast] = spread("HalfCheetah-v5", {}, ({ physics }) => physics.views.qvel[0]);
  assert.ok(slow < -0.2 && fast > 0.2 && fast < 0.5, "normal with deviation 0.1");
});

test("make prepares, limits and refuses", async () => {
  assert.throws(() => make("Hopper-v6"), /there is no environment "Hopper-v6"\. Known: Hopper-v5/);
  await prepare("Hopper-v5");
  const env = make("Hopper-v5", { maxSteps: 2, forward_reward_weight: 3 });
  env.reset({ seed: 1 });
  env.step(new Float32Array(3));
  assert.equal(env.step(new Float32Array(3)).truncated, true);
  assert.throws(
    () => make("Hopper-v5", { ctrl_cost: 1 }),
    /Hopper-v5 has no option "ctrl_cost"\. It has: ctrl_cost_weight/,
  );
  assert.throws(
    () => make("Hopper-v5", { healthy_z_range: [2, 1] }),
    /"healthy_z_range" is \[2,1\]; wanted \[low, high\]/,
  );
  assert.throws(() => make("Hopper-v5", { frame_skip: 0 }), /wanted a whole number of at least 1/);
  assert.throws(() => created("Ant-v5", { main_body: "head" }).reset(), /there is no body "head"/);
  assert.throws(() => created("Ant-v5", { main_body: 99 }).reset(), /wanted a number below 14/);
  const hopper = created("Hopper-v5");
  assert.throws(() => hopper.step(new Float32Array(3)), /Call reset first/);
  assert.throws(() => hopper.reset({ seed: 0.5 }), /wanted a whole number/);
  hopper.reset();
  assert.throws(() => hopper.step(Float32Array.of(0, 2, 0)), /wanted a value of Box\[3\] in \[-1, 1\]/);
  assert.throws(() => hopper.restore!({ state: [1, 2] }), /what Hopper-v5\.save returned: \{ state: \d+ numbers/);
  assert.throws(() => hopper.setState([1], [2]), /wanted 6 positions and 6 velocities/);
  assert.throws(() => hopper.perturb!({ mass: 0 }), /factor on every mass and inertia, from 0\.1 to 10/);
  hopper.close();
});

test("one that was closed is used no more, and gives its memory back", () => {
  const bare = created("Hopper-v5");
  const hopper = timeLimit(bare, 5);
  assert.equal(hopper.unwrapped, bare);
  hopper.reset({ seed: 1 });
  hopper.close();
  hopper.close();
  const message = { message: "Hopper-v5: it was used after it had been closed. Make another." };
  assert.throws(() => hopper.step(new Float32Array(3)), message);
  assert.throws(() => hopper.reset(), message);
  assert.throws(() => hopper.save!(), message);
  assert.throws(() => bare.physics.views, message);
});

test("a world of one's own, from MJCF", () => {
  const ball = mujocoEnvironment<Float64Array, Float32Array>(engine, {
    name: "Ball-v0",
    model: `<mujoco><worldbody><geom type="plane" size="5 5 1"/><body name="ball" pos="0 0 1"><freejoint/>
      <geom name="skin" size="0.1" mass="1"/></body></worldbody></mujoco>`,
    observationSpace: box(-Infinity, Infinity, { shape: [1], dtype: "float64" }),
    start: ({ physics }, random) => {
      physics.views.qpos[2] = random.between(1, 2);
    },
    advance({ physics }) {
      physics.step(10);
      return { reward: 0, terminated: physics.views.qpos[2] < 0.11, info: {} };
    },
    observe: ({ physics }) => physics.views.qpos.slice(2, 3),
  });
  assert.deepEqual(checkEnvironment(ball), []);
  const [height] = ball.reset({ seed: 3 }).observation;
  const action = new Float32Array(0);
  const [after] = ball.step(action).observation;
  // Semi-implicit Euler: after n steps of h a fall is g h² n (n + 1) / 2.
  assert.ok(Math.abs(height - after - (9.81 * 0.002 ** 2 * 10 * 11) / 2) < 1e-9);
  assert.equal(ball.physics.id("geom", "skin"), 1);
  assert.ok(Math.abs(ball.physics.time - 0.02) < 1e-12);
  assert.throws(() => ball.physics.id("geom", "skim"), /there is no geom "skim"\. Known: skin/);
  assert.throws(
    () => Physics.open(engine, `<mujoco><worldbody><geom type="ball"/></worldbody></mujoco>`, "Mine-v0"),
    /Mine-v0: MuJoCo does not accept the model: .*invalid keyword: 'ball'.* Mend the MJCF there\./,
  );
  assert.throws(
    () => Physics.open(engine, `<mujoco><size memory="3G"/></mujoco>`, "Vast-v0"),
    /Vast-v0: MuJoCo's memory \(2 GB a thread\) is full\. Close environments/,
  );
  ball.close();
});
