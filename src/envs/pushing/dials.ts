/** How a skilled hand is made less skilled, slower, shakier, or more like a person's. */
import { problem } from "../../problems.ts";
import type { Space } from "../../spaces/space.ts";
import type { Generator } from "../../tensor/random.ts";
import type { Demonstrator } from "../demonstrator.ts";

/**
 * A person's ways. Each stretch of about `hold` steps has an intention that the observations do not show: a pace, a
 * drift to one side, a pause or a hesitation. So the next action depends on the last ones, not on the state alone.
 */
export interface HumanDials {
  /** Mean length of a stretch, steps. Default 8. */
  readonly hold?: number;
  /** Chance that a stretch is a pause. Default 0.1. */
  readonly pause?: number;
  /** Chance that a stretch is a hesitation: a little back along the way. Default 0.1. */
  readonly hesitation?: number;
  /** Standard deviation of a stretch's drift, in parts of the top speed. Default 0.15. */
  readonly drift?: number;
}

export interface Dials {
  /** Chance of acting as planned; else in a random direction (for a stretch, when human). Default 1. */
  readonly skill?: number;
  /** Pace, in parts of the planned one, at most 1. Default 1. */
  readonly speed?: number;
  /** One of the plan's styles; "any" draws one in each episode. Default "any". */
  readonly style?: string;
  /** Standard deviation added to each component of the motion. Default 0. */
  readonly noise?: number;
  /** Default false. */
  readonly human?: boolean | HumanDials;
}

/** What a skilled hand does, one world's worth of it. */
export interface Plan {
  readonly name: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly styles: readonly string[];
  readonly memorySize: number;
  /** How many of the action's numbers are motion. Default 2. */
  readonly motions?: 2 | 3;
  /** The action, motion first; `memory` is the plan's own, zeros at the beginning. */
  act(observation: Float32Array, style: number, memory: Float64Array): Float32Array;
}

/** Memory before the plan's own: begun, style, steps left of the stretch, its kind, its pace, its drift x, y (and z). */
const [begun, styleAt, left, kind, pace, drift] = [0, 1, 2, 3, 4, 5];
const [going, pausing, hesitating, erring] = [0, 1, 2, 3];

/**
 * A demonstrator from a plan and dials. Without chance it acts in the style asked for, the first one for "any", with
 * full skill and no noise. The style is drawn whether it is asked for or not, so that two demonstrators that differ in
 * style alone draw the same numbers.
 * @throws Problem "bad-option" for a dial out of its range
 */
export function withDials(plan: Plan, dials: Dials): Demonstrator<Float32Array, Float32Array> {
  const { skill = 1, speed = 1, style = "any", noise = 0, human = false } = dials;
  const where = `${plan.name} demonstrator`;
  const share = (name: string, given: number): void => {
    if (!(given >= 0 && given <= 1)) throw problem("bad-option", { where, name, given, wanted: "a number in [0, 1]" });
  };
  share("skill", skill);
  share("speed", speed);
  if (!(noise >= 0))
    throw problem("bad-option", { where, name: "noise", given: noise, wanted: "a number of at least 0" });
  if (style !== "any" && !plan.styles.includes(style)) {
    throw problem("bad-option", {
      where,
      name: "style",
      given: style,
      wanted: `"any" or one of ${plan.styles.join(", ")}`,
    });
  }
  const { hold = 8, pause = 0.1, hesitation = 0.1, drift: spread = 0.15 } = typeof human === "object" ? human : {};
  share("human.pause", pause);
  share("human.hesitation", hesitation);
  if (!(hold >= 1))
    throw problem("bad-option", { where, name: "human.hold", given: hold, wanted: "a number of at least 1" });
  const fixed = style === "any" ? -1 : plan.styles.indexOf(style);
  const { motions = 2 } = plan;
  const ownMemory = drift + motions;

  /** A new stretch, when the last is over. */
  const intend = (memory: Float64Array, random: Generator): void => {
    if (memory[left]-- > 0) return;
    memory[left] = Math.max(1, Math.round(hold * random.between(0.5, 1.5))) - 1;
    const chance = random.uniform();
    const angle = random.between(0, 2 * Math.PI);
    memory[kind] =
      chance < 1 - skill
        ? erring
        : chance < 1 - skill + pause
          ? pausing
          : chance < 1 - skill + pause + hesitation
            ? hesitating
            : going;
    memory[pace] = random.between(0.5, 1);
    const far = memory[kind] === erring ? 1 : spread * random.normal();
    memory[drift] = far * Math.cos(angle);
    memory[drift + 1] = far * Math.sin(angle);
    if (motions === 3) memory[drift + 2] = far * random.between(-1, 1);
  };

  return {
    name: [
      plan.name.toLowerCase(),
      style,
      `skill-${skill}`,
      ...(speed < 1 ? [`speed-${speed}`] : []),
      ...(noise > 0 ? [`noise-${noise}`] : []),
      ...(human === false ? [] : ["human"]),
    ].join("-"),
    observationSpace: plan.observationSpace,
    actionSpace: plan.actionSpace,
    memorySize: ownMemory + plan.memorySize,
    decide(observation, memory, random) {
      if (memory[begun] === 0) {
        memory[begun] = 1;
        const drawn = random === undefined ? 0 : random.integer(plan.styles.length);
        memory[styleAt] = fixed < 0 ? drawn : fixed;
      }
      const action = plan.act(observation, memory[styleAt], memory.subarray(ownMemory)).slice();
      for (let i = 0; i < motions; i++) action[i] *= speed;
      if (random !== undefined && human !== false) {
        intend(memory, random);
        const doing = memory[kind];
        const part = doing === going ? memory[pace] : doing === hesitating ? -0.3 : 0;
        const drifting = doing === going || doing === erring ? speed : 0;
        for (let i = 0; i < motions; i++) action[i] = part * action[i] + drifting * memory[drift + i];
      } else if (random !== undefined && random.uniform() >= skill) {
        for (let i = 0; i < motions; i++) action[i] = random.between(-1, 1);
      }
      for (let i = 0; i < motions; i++) {
        const shaken = random !== undefined && noise > 0 ? action[i] + noise * random.normal() : action[i];
        action[i] = Math.max(-1, Math.min(1, shaken));
      }
      return action;
    },
  };
}
