/** What is wrong with the optional parts of an environment: saving, parameters, pictures. */
import { describeValue } from "../spaces/contains.ts";
import { sample } from "../spaces/sample.ts";
import type { Value } from "../spaces/space.ts";
import { generator, randomKey } from "../tensor/random.ts";
import { type Fault, type Faults, throws } from "./check-faults.ts";
import { asText } from "./check-text.ts";
import type { Environment } from "./environment.ts";

const plain = (value: unknown): boolean =>
  value === null ||
  typeof value === "string" ||
  typeof value === "boolean" ||
  (typeof value === "number" && Number.isFinite(value)) ||
  (typeof value === "object" &&
    (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) &&
    Object.values(value).every((item) => item === undefined || plain(item)));

/** Where JSON would lose something: "state.seen". */
function lost(value: unknown, path: string): string | undefined {
  if (plain(value)) return undefined;
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && !(value instanceof Map)) {
    for (const [name, item] of Object.entries(value)) {
      const found = item === undefined ? undefined : lost(item, `${path}.${name}`);
      if (found !== undefined) return found;
    }
  }
  return `${path} is ${describeValue(value)}`;
}

export const forgets =
  "After restore of what save returned (through JSON), the same actions gave other results: save everything that matters, the generator's position included.";

export function checkSave(env: Environment, seed: number, fault: Fault): void {
  const random = generator(randomKey(seed + 2));
  env.reset({ seed });
  const { terminated, truncated } = env.step(sample(env.actionSpace, random));
  if (terminated || truncated) env.reset({});
  const saved = env.save!();
  const where = lost(saved, "it");
  if (where !== undefined) {
    fault(
      `What save returned is not plain JSON: ${where}; save numbers, strings, lists and records ([...array], not array).`,
    );
    return;
  }
  const json = JSON.stringify(saved);
  const actions = [0, 1, 2].map(() => sample(env.actionSpace, random));
  const run = (): string[] => {
    const lines: string[] = [];
    for (const action of actions) {
      const step = env.step(action);
      lines.push(asText(step));
      if (step.terminated || step.truncated) break;
    }
    return lines;
  };
  const ahead = run();
  if (JSON.stringify(saved) !== json) fault("What save returned changed with later steps: return a copy.");
  env.restore!(JSON.parse(json));
  if (run().join() !== ahead.join()) {
    fault(forgets);
  }
}

/** Parameters and pictures, which environments of one agent and of many have alike. */
export function checkParts(
  env: Parted & { reset(options: { readonly seed: number }): unknown },
  seed: number,
  { fault, attempt }: Faults,
): void {
  attempt(() => checkParameters(env, fault), "its parameters were changed within their ranges");
  if (env.scene === undefined) return;
  attempt(() => {
    env.reset({ seed });
    checkScene(env, fault);
  }, "scene drew a state after reset");
}

type Parted = Pick<Environment, "parameters" | "perturb" | "parameterValues" | "scene">;

/** The parameters are left at their own values, or where `parameterValues` says they were. */
function checkParameters(env: Parted, fault: Fault): void {
  const { parameters } = env;
  if ((parameters === undefined) !== (env.perturb === undefined)) {
    fault("parameters and perturb come together: give both or neither.");
    return;
  }
  if (parameters === undefined) return;
  for (const [name, { value, low, high, about }] of Object.entries(parameters)) {
    if (!(value >= low && value <= high)) {
      fault(`The parameter ${name} is ${value}, outside its own range [${low}, ${high}]: widen the range.`);
      return;
    }
    if (typeof about !== "string" || about === "")
      fault(`The parameter ${name} does not say what it is about: one phrase with its unit.`);
  }
  const names = Object.keys(parameters);
  if (!throws(() => env.perturb!({ "no such parameter": 1 }))) {
    fault('perturb took the value of a parameter that does not exist ("no such parameter"): refuse unknown names.');
  }
  const bounded = names.find((name) => Number.isFinite(parameters[name].high));
  if (bounded !== undefined && !throws(() => env.perturb!({ [bounded]: parameters[bounded].high + 1 }))) {
    fault(`perturb took ${bounded} = ${parameters[bounded].high + 1}, beyond its range: refuse what is outside.`);
  }
  if (env.parameterValues === undefined) return;
  const now = env.parameterValues();
  const missing = names.find((name) => typeof now[name] !== "number");
  if (missing !== undefined) {
    fault(`parameterValues says ${describeValue(now[missing])} of ${missing}; wanted its present value, a number.`);
    return;
  }
  const other = names.find((name) => parameters[name].low !== now[name]);
  if (other === undefined) return;
  env.perturb!({ [other]: parameters[other].low });
  const told = env.parameterValues()[other];
  env.perturb!({ [other]: now[other] });
  if (told !== parameters[other].low) {
    fault(`After perturb({ ${other}: ${parameters[other].low} }), parameterValues says ${told}: say what holds now.`);
  }
}

const finite = (...numbers: readonly unknown[]): boolean => numbers.every(Number.isFinite);
const colours = (value: unknown): boolean => typeof value === "string" && /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(value);

function checkScene(env: Parted, fault: Fault): void {
  const found = sceneFault(env.scene!());
  if (found !== undefined) fault(`scene returned ${found}.`);
}

/** Where a picture is not as scene.ts says; the first shape that is not is named. */
function sceneFault(scene: unknown): string | undefined {
  if (typeof scene !== "object" || scene === null) return `${describeValue(scene)}; wanted a Scene`;
  const { x, y, width, height, shapes, background } = scene as { readonly [name: string]: unknown };
  if (!finite(x, y, width, height) || !((width as number) > 0 && (height as number) > 0)) {
    return `x, y, width, height of ${[x, y, width, height].join(", ")}; wanted finite numbers, the sizes above 0`;
  }
  if (background !== undefined && !colours(background)) {
    return `the background ${describeValue(background)}; wanted "#rgb" or "#rrggbb"`;
  }
  if (!Array.isArray(shapes)) return `shapes as ${describeValue(shapes)}; wanted a list`;
  for (const [i, shape] of shapes.entries()) {
    const found = shapeFault(shape);
    if (found !== undefined) return `a shape (${i}, ${describeValue(shape?.kind)}) ${found}`;
  }
  return plain(scene) ? undefined : "something that JSON would lose; wanted plain data, as a page may draw it";
}

function shapeFault(shape: { readonly [name: string]: unknown }): string | undefined {
  const points = (least: number) =>
    Array.isArray(shape.points) &&
    shape.points.length >= least &&
    shape.points.every((point) => Array.isArray(point) && point.length === 2 && finite(...point));
  const wrong = {
    disc: () => !finite(shape.x, shape.y, shape.radius) || !colours(shape.fill),
    polygon: () => !points(3) || !colours(shape.fill),
    line: () => !points(2) || !finite(shape.width) || !colours(shape.stroke),
    text: () => !finite(shape.x, shape.y, shape.size) || typeof shape.text !== "string" || !colours(shape.fill),
  }[String(shape?.kind)];
  if (wrong === undefined) return 'of no known kind; wanted "disc", "polygon", "line" or "text"';
  return wrong() ? "with a number, a point or a colour that is none; see scene.ts for what each holds" : undefined;
}

/** Whether writing into what was returned, or into an action after its step, changes what follows. */
export function checkApart(env: Environment, seed: number, steps: number, fault: Fault): void {
  const play = (spoil: "observations" | "actions" | "nothing"): string => {
    const random = generator(randomKey(seed + 3));
    const lines: string[] = [];
    const seen = (observation: Value): void => {
      if (spoil === "observations") scribble(observation);
    };
    seen(env.reset({ seed }).observation);
    for (let t = 0; t < steps; t++) {
      const action = sample(env.actionSpace, random);
      const step = env.step(action);
      lines.push(asText(step));
      if (spoil === "actions") scribble(action);
      seen(step.observation);
      if (step.terminated || step.truncated) seen(env.reset().observation);
    }
    return lines.join("\n");
  };
  const wanted = play("nothing");
  if (play("observations") !== wanted) {
    fault(
      "Writing into an observation it had returned changed what followed: return a copy (for example state.slice()).",
    );
  }
  if (play("actions") !== wanted) {
    fault("Writing into an action after its step changed what followed: copy what is kept of an action.");
  }
}

function scribble(value: Value): void {
  if (ArrayBuffer.isView(value)) (value as Float32Array).fill(0.125);
  else if (typeof value === "object") for (const part of Object.values(value)) scribble(part as Value);
}
