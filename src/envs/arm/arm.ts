/** A task of the family as an environment. */
import { fold, type Generator, generator, randomKey } from "../../tensor/random.ts";
import type { Engine } from "../mujoco/engine.ts";
import { type MujocoEnvironment, mujocoEnvironment, type World } from "../mujoco/environment.ts";
import type { Physics } from "../mujoco/physics.ts";
import { halfWidth, handParameters, moveHand, openingOf, restHand, seen } from "./hand.ts";
import { type ArmOptions, armActionSpace, armObservationSpace, chosenArm } from "./options.ts";
import { armPicture } from "./picture.ts";
import { type ArmTask, firstJoint } from "./task.ts";

type Parameters = typeof handParameters;
type ArmWorld = World<Parameters>;

/** Memory: the goal's place, the way to it at the start, and of a joint where it began, where it shall be. */
const [span, from, to] = [3, 4, 5];

/**
 * Observation (20 and the task's id, float32): [hand x, y, z (m), opening (0 … 1), hand's velocity (m/s), place of the
 * thing's point x, y, z, its orientation as a quaternion w, x, y, z, place of a second point (a hole, a box's opening;
 * zeros without one), goal x, y, z]; x to the right, y away from the arm, z up, 0 on the table. Action in [−1, 1]⁴: where
 * to go, in strides of 30 mm from where the hand is, and the grip: −1 open, 1 closed. 50 steps a second. Reward: 1 where the
 * task is done, else 0, or what `reward: "dense"` adds, below 1: a quarter for being near the thing, a tenth for holding it,
 * 0.6 for the part of the way to the goal. `info.success` says at each step whether it is done now, `info.distance` how far
 * the thing's point is from its goal, m. Ends with success where `endsOnSuccess`, otherwise never.
 * @throws Problem "bad-option"
 */
export function armTask(
  engine: Engine,
  task: ArmTask,
  options: ArmOptions = {},
): MujocoEnvironment<Float32Array, Float32Array> {
  const { name, tolerance, held } = task;
  const { start, goal, variation, dense, endsOnSuccess, goalHidden, id } = chosenArm(task, options);
  const size = seen.size + id.length;
  let sites: { readonly first: number; readonly second: number; readonly thing: number } | undefined;
  const sitesOf = (physics: Physics): NonNullable<typeof sites> => {
    sites ??= {
      // Without a thing the hand's own place is what has to be brought to the goal.
      first: task.starts.low.length === 0 ? -1 : physics.id("site", "first"),
      second: task.model.includes('site name="second"') ? physics.id("site", "second") : -1,
      thing: task.starts.low.length === 0 ? -1 : physics.id("body", "thing"),
    };
    return sites;
  };
  const pointOf = (physics: Physics): Float64Array => {
    const { first } = sitesOf(physics);
    const { site_xpos, qpos } = physics.views;
    return first < 0 ? qpos.subarray(0, 3) : site_xpos.subarray(3 * first, 3 * first + 3);
  };
  const distanceOf = ({ physics, memory }: ArmWorld): number => apart(pointOf(physics), memory);
  const progressOf = (world: ArmWorld, distance: number): number => {
    const { physics, memory } = world;
    if (task.jointed === undefined) return 1 - distance / Math.max(memory[span], 1e-6);
    return (physics.views.qpos[firstJoint] - memory[from]) / (memory[to] - memory[from]);
  };
  const done = ({ physics, memory }: ArmWorld, distance: number): boolean => {
    if (task.jointed === undefined) return distance <= tolerance;
    const lacking = (memory[to] - physics.views.qpos[firstJoint]) * Math.sign(memory[to] - memory[from]);
    return lacking <= tolerance;
  };
  const denseReward = (world: ArmWorld, distance: number): number => {
    const { qpos } = world.physics.views;
    const reached = apart(qpos, pointOf(world.physics));
    const near = 1 - Math.tanh(8 * reached);
    const holds = held !== undefined && reached < 0.03 && Math.abs(halfWidth(openingOf(qpos)) - held) < 0.003 ? 0.1 : 0;
    return 0.25 * near + holds + 0.6 * Math.max(0, Math.min(1, progressOf(world, distance)));
  };

  return mujocoEnvironment<Float32Array, Float32Array, Parameters>(engine, {
    name,
    model: task.model,
    observationSpace: armObservationSpace(id.length),
    actionSpace: armActionSpace,
    memorySize: 6,
    parameters: handParameters,
    start({ physics, memory }, random) {
      const number = variation(random);
      const draw: Generator = number === undefined ? random : generator(fold(randomKey(number), "arm variation", name));
      restHand(physics.views, random);
      const wanted = goal(draw);
      memory.set(task.arrange(physics.views, start(draw), wanted));
      if (task.jointed !== undefined) {
        const way = task.jointed(wanted);
        memory[from] = way.from;
        memory[to] = way.to;
        const { qpos } = physics.views;
        qpos[firstJoint] = way.to;
        physics.forward();
        memory.set(pointOf(physics));
        physics.views.qpos[firstJoint] = way.from;
      }
      physics.views.mocap_pos.set(memory.subarray(0, 3));
    },
    begun(world) {
      world.memory[span] = distanceOf(world);
    },
    advance(world, action) {
      moveHand(world.physics, action, world.p.stride);
      const distance = distanceOf(world);
      const success = done(world, distance);
      const reward = success ? 1 : dense ? denseReward(world, distance) : 0;
      return { reward, terminated: success && endsOnSuccess, info: { success, distance } };
    },
    observe({ physics, memory }) {
      const { qpos, qvel, xquat, site_xpos } = physics.views;
      const observation = new Float32Array(size);
      observation.set(qpos.subarray(0, 3));
      observation[seen.opening] = openingOf(qpos);
      observation.set(qvel.subarray(0, 3), seen.velocity);
      const { first, second, thing } = sitesOf(physics);
      if (first >= 0) {
        observation.set(pointOf(physics), seen.first);
        observation.set(xquat.subarray(4 * thing, 4 * thing + 4), seen.turn);
      }
      if (second >= 0) observation.set(site_xpos.subarray(3 * second, 3 * second + 3), seen.second);
      if (!goalHidden) observation.set(memory.subarray(0, 3), seen.goal);
      observation.set(id, seen.size);
      return observation;
    },
    info: (world) => ({ success: false, distance: distanceOf(world) }),
    draw: ({ physics }) => armPicture(physics),
  });
}

const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
