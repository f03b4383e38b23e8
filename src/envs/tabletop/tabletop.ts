/**
 * Eight tasks of one hand, each with a state from 0 to 1 that is to be brought to an amount said in words and kept there:
 * the part that ARNOLD (Gong and others 2023, arXiv:2304.04321) plays, in the plane and without pictures.
 */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { box, dict, text } from "../../spaces/make.ts";
import type { Environment } from "../environment.ts";
import { type ParameterValues, parameter } from "../parameters.ts";
import { handParameters, moveHand, table } from "../pushing/hand.ts";
import { checked } from "../pushing/options.ts";
import { simulate } from "../simulation.ts";
import {
  instructionFor,
  longest,
  phraseVocabulary,
  type TabletopTask,
  tabletopTasks,
  wordVocabulary,
} from "./instructions.ts";
import { follow } from "./motion.ts";
import { tabletopPicture } from "./picture.ts";
import { at, stateSize } from "./places.ts";
import { drawFrom, type TabletopSplit, tabletopSplits } from "./splits.ts";
import { mechanisms, turnSpeed } from "./tasks.ts";
import { tableScenes, things } from "./variety.ts";
import { seenFrom, view } from "./view.ts";

export interface TabletopOptions {
  readonly name?: string;
  readonly task: TabletopTask;
  /** Which episodes. Default "train". */
  readonly split?: TabletopSplit;
  /** Whether instructions are read word by word, or as three phrases of which the amounts to learn with are known. Default "words". */
  readonly reads?: "words" | "phrases";
}
export const tabletopOptionNames = ["split", "reads"] as const;
const splitCheck = [z.enum(tabletopSplits), `one of ${tabletopSplits.join(", ")}`] as const;
const readsCheck = [z.enum(["words", "phrases"]), '"words" or "phrases"'] as const;

/** What is asked for, and what is seen. */
export type Seen = { readonly instruction: string; readonly seen: Float32Array };

const parameters = {
  ...handParameters,
  tolerance: parameter(0.04, 0.005, 0.2, "how far from what was asked for the state may be"),
  hold: parameter(2, 0.1, 4, "how long it must have been that near at the end, s"),
};
type Values = ParameterValues<typeof parameters>;

/** Steps in an episode, which the world itself ends. */
export const tabletopSteps = 80;
/** For sums of tenths. */
const rounding = 1e-9;

/**
 * Observation { instruction, seen }. `seen`, in the scene's view: hand x, y, vx, vy; its tilt (parts of π) and turning
 * (parts of the top speed), closed, held; handle x, y; the way on which it goes, x, y; how far the thing has gone and how far
 * it can, table widths; the state's rate, 1/s; what catches, x, y; two distractors, x, y each; the view's up, x, y.
 * Action [vx, vy, turn, grip] in [−1, 1]⁴ along the table's axes, grip > 0 closes.
 *
 * An episode ends after 80 steps (8 s), with reward 1 if the state was within the tolerance of what was asked for during all of
 * the last 2 s. `info`: `success` (at the end only), `state`, `goal`, `error` (state − goal), `reached` (near enough at some
 * moment: not the task), and `failed` where nothing can mend it (poured too much, or spilled).
 * @throws Problem "unknown-name" for a task, "bad-option"
 */
export function tabletop(options: TabletopOptions): Environment<Seen, Float32Array> {
  const { task } = options;
  if (!Object.hasOwn(mechanisms, task)) {
    throw problem("unknown-name", { where: "tabletop", what: "task", name: String(task), known: tabletopTasks });
  }
  const { name = `Tabletop-${task}-v0` } = options;
  const split = checked<TabletopSplit>(name, "split", options.split, splitCheck, "train");
  const reads = checked<"words" | "phrases">(name, "reads", options.reads, readsCheck, "words");
  const mechanism = mechanisms[task];
  const errorOf = (s: Float64Array): number => s[at.x] - s[at.goal];
  const near = (s: Float64Array, p: Values): boolean => Math.abs(errorOf(s)) <= p.tolerance + rounding;
  const over = (s: Float64Array): boolean => s[at.clock] >= tabletopSteps;
  const done = (s: Float64Array, p: Values): boolean => over(s) && s[at.kept] * table.seconds >= p.hold - rounding;
  const spilled = (s: Float64Array): number => s[at.spent] - s[at.x];
  const lost = (s: Float64Array, p: Values): boolean =>
    mechanism.kind === "flow" && (errorOf(s) > p.tolerance || 1 - spilled(s) < s[at.goal] - p.tolerance);

  return simulate<Seen, Float32Array, typeof parameters>({
    name,
    observationSpace: dict({
      instruction: text(longest, reads === "words" ? wordVocabulary : phraseVocabulary),
      seen: view,
    }),
    actionSpace: box(-1, 1, { shape: [4] }),
    stateSize,
    parameters,
    start(s, random) {
      s.fill(0);
      const { thing, scene, percent, inWords } = drawFrom(split, random);
      s[at.thing] = thing;
      s[at.scene] = scene;
      s[at.goal] = percent / 100;
      s[at.inWords] = Number(inWords);
      const around = (x: number, by: number): number => x + random.between(-by, by);
      s.set([around(0.5, 0.05), around(0.12, 0.02)]);
      const origin = [random.between(...mechanism.x), random.between(...mechanism.y)];
      s.set([...origin, ...origin], at.handle);
      if (mechanism.caught) s.set([random.between(0.55, 0.7), random.between(0.4, 0.6)], at.catcher);
      for (const [i, [x, y]] of tableScenes[scene].distractors.entries()) {
        s.set([around(x, 0.02), around(y, 0.02)], at.distractors + 2 * i);
      }
    },
    advance(s, action, random, p) {
      const closing = action[3] > 0;
      const reach = Math.hypot(s[0] - s[at.handle], s[1] - s[at.handle + 1]);
      s[at.held] = closing && (s[at.held] === 1 || reach <= things[s[at.thing]].size) ? 1 : 0;
      s[at.closed] = closing ? 1 : 0;
      moveHand(s, action, random, p);
      const turn = p.systemNoise === 0 ? action[2] : action[2] + p.systemNoise * random.normal();
      s[at.turning] += p.response * (turnSpeed * turn - s[at.turning]);
      s[at.tilt] = Math.max(-Math.PI, Math.min(Math.PI, s[at.tilt] + table.seconds * s[at.turning]));
      follow(mechanism, s);
      s[at.kept] = near(s, p) ? s[at.kept] + 1 : 0;
      if (s[at.kept] > 0) s[at.reached] = 1;
      s[at.clock]++;
      return done(s, p) ? 1 : 0;
    },
    ended: over,
    observe: (s) => ({
      instruction: instructionFor(task, Math.round(100 * s[at.goal]), s[at.inWords] === 1),
      seen: seenFrom(mechanism, s),
    }),
    info: (s, p) => ({
      success: done(s, p),
      state: s[at.x],
      goal: s[at.goal],
      error: errorOf(s),
      reached: s[at.reached] === 1,
      ...(lost(s, p) ? { failed: true } : {}),
    }),
    draw: (s, p) => tabletopPicture(task, s, p.tolerance),
  });
}
