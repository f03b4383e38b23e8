/** The hand-written controllers that come with Gymnasium's lander and walker. */
import type { Demonstrator } from "../demonstrator.ts";
import { lander, walker } from "./spaces.ts";

const clip = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value));

/** Leans towards the pad, hovers in proportion to the distance, lets go once a leg touches. Lands with about 240. */
export function landerHeuristic({
  continuous = false,
}: {
  readonly continuous?: boolean;
} = {}): Demonstrator<Float32Array, number | Float32Array> {
  return {
    name: "lander-heuristic",
    observationSpace: lander.observation,
    actionSpace: continuous ? lander.throttles : lander.engines,
    memorySize: 0,
    decide([x, y, vx, vy, angle, turning, left, right]) {
      const standing = left !== 0 || right !== 0;
      const turn = standing ? 0 : (clip(0.5 * x + vx, 0.4) - angle) * 0.5 - turning;
      const lift = standing ? -0.5 * vy : (0.55 * Math.abs(x) - y) * 0.5 - 0.5 * vy;
      if (continuous) return Float32Array.of(clip(20 * lift - 1, 1), clip(-20 * turn, 1));
      if (lift > Math.abs(turn) && lift > 0.05) return 2;
      return turn < -0.05 ? 3 : turn > 0.05 ? 1 : 0;
    },
  };
}

const [onOneLeg, otherDown, pushOff] = [0, 1, 2];
const speed = 0.29;
const straight = 0.1;

/** Swings one leg, puts it down, pushes off with the other; without any sense of balance, so that it often falls. */
export function walkerHeuristic(): Demonstrator<Float32Array, Float32Array> {
  return {
    name: "walker-heuristic",
    ...walker,
    memorySize: 4,
    // Memory: whether it has begun, what it does, the moving leg, the angle of the supporting knee.
    decide(s, memory) {
      if (memory[0] === 0) memory.set([1, onOneLeg, 0, straight]);
      const moving = memory[2];
      const [swing, stand] = [4 + 5 * moving, 9 - 5 * moving];
      const hip = [Number.NaN, Number.NaN];
      const knee = [Number.NaN, Number.NaN];
      if (memory[1] === onOneLeg) {
        [hip[moving], knee[moving]] = [1.1, -0.6];
        memory[3] = Math.min(memory[3] + (s[2] > speed ? 0.06 : 0.03), straight);
        knee[1 - moving] = memory[3];
        if (s[stand] < 0.1) memory[1] = otherDown;
      }
      if (memory[1] === otherDown) {
        [hip[moving], knee[moving]] = [0.1, straight];
        knee[1 - moving] = memory[3];
        if (s[swing + 4] !== 0) {
          memory[1] = pushOff;
          memory[3] = Math.min(s[swing + 2], straight);
        }
      }
      if (memory[1] === pushOff) {
        [knee[moving], knee[1 - moving]] = [memory[3], 1];
        if (s[stand + 2] > 0.88 || s[2] > 1.2 * speed) {
          memory[1] = onOneLeg;
          memory[2] = 1 - moving;
        }
      }
      const upright = 0.9 * s[0] + 1.5 * s[1];
      const drive = (target: number, gain: number, at: number): number =>
        Number.isNaN(target) ? 0 : gain * (target - s[at]) - 0.25 * s[at + 1];
      return Float32Array.of(
        clip(0.5 * (drive(hip[0], 0.9, 4) + upright), 1),
        clip(0.5 * (drive(knee[0], 4, 6) - 15 * s[3]), 1),
        clip(0.5 * (drive(hip[1], 0.9, 9) + upright), 1),
        clip(0.5 * (drive(knee[1], 4, 11) - 15 * s[3]), 1),
      );
    },
  };
}
