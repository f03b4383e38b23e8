/** A walker for the crowd that looks at what the agent sees: heads for the goal and keeps clear of the nearest. */
import { problem } from "../../problems.ts";
import { checkDials, type Demonstrator } from "../demonstrator.ts";
import type { Environment } from "../environment.ts";
import { addRepulsion, type ForceLaw } from "./social-force.ts";

export interface WalkerOptions {
  /** Strength of keeping clear, m/s² at touch; 0 walks straight through. Default 6. */
  readonly caution?: number;
  /** m/s. Default 1.4. */
  readonly speed?: number;
  /** With chance 1 − skill an action is uniformly random. Default 1. */
  readonly skill?: number;
}

/** For `act: "velocity"`. @throws Problem "bad-option" */
export function walker(
  world: Pick<Environment, "observationSpace" | "actionSpace">,
  { caution = 6, speed = 1.4, skill = 1 }: WalkerOptions = {},
): Demonstrator<Float32Array, Float32Array> {
  const refuse = (name: string, given: number, wanted: string) =>
    problem("bad-option", { where: "walker", name, given, wanted });
  checkDials("walker", { skill });
  if (!(caution >= 0)) throw refuse("caution", caution, "a number of at least 0");
  if (!(speed > 0)) throw refuse("speed", speed, "a speed above 0");
  const law: ForceLaw = { relaxation: 0.5, strength: caution, range: 0.5, behind: 0.3, lookahead: 2.5, radius: 0.25 };
  const top = 1.8;
  const force = new Float64Array(2);
  return {
    name: `walker-caution-${caution}-skill-${skill}`,
    observationSpace: world.observationSpace,
    actionSpace: world.actionSpace,
    memorySize: 0,
    decide(seen, _, random) {
      if (random !== undefined && random.uniform() >= skill) {
        return Float32Array.of(random.between(-1, 1), random.between(-1, 1));
      }
      const [goalX, goalY, vx, vy] = seen;
      const far = Math.hypot(goalX, goalY) || 1;
      const wanted = Math.min(speed, far);
      force.fill(0);
      for (let i = 6; i + 4 < seen.length && seen[i + 4] === 1; i += 5) {
        const other = [seen[i], seen[i + 1], seen[i + 2] + vx, seen[i + 3] + vy];
        addRepulsion(law, 0, 0, vx, vy, other, 0, force);
      }
      const [x, y] = [
        (wanted * goalX) / far + law.relaxation * force[0],
        (wanted * goalY) / far + law.relaxation * force[1],
      ];
      const size = Math.max(top, Math.hypot(x, y));
      return Float32Array.of(x / size, y / size);
    },
  };
}
