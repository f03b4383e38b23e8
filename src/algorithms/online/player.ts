/** Worlds played side by side by a policy that learns, as rows of numbers that methods understand. */
import type { PlayedStep } from "../../data/replay-memory.ts";
import { type AnyVectorEnvironment, seedFrom } from "../../envs/index.ts";
import type { Affine } from "../../policies/index.ts";
import { problem } from "../../problems.ts";
import { type Box, flattenBatch, type Space } from "../../spaces/index.ts";
import { storedForm } from "../../spaces/stored.ts";
import { asType, fold, generator, type NdArray, type RandomKey, zeros } from "../../tensor/index.ts";
import type { AnyAlgorithm, Sizes } from "../define.ts";
import { actionSizes, scaleOf } from "../experience.ts";
import type { Recorder } from "./recorder.ts";

/** Episodes that ended since they were last asked for. */
export interface Finished {
  /** Episodes of the same world since the last restart, before this one. */
  readonly before: number;
  readonly return: number;
  readonly length: number;
  readonly success?: boolean;
}

export interface Player {
  /** Of one world. */
  readonly spaces: { readonly name: string; readonly observationSpace: Space; readonly actionSpace: Space };
  readonly worlds: number;
  readonly sizes: Sizes;
  readonly actionScale?: Affine;
  readonly recorder?: Recorder;
  /** [worlds, observation] float32: what is seen now. */
  readonly observation: NdArray;
  /** Actions [worlds, …] as the method makes them; vectors beyond [−1, 1] are played at the bound. */
  step(action: NdArray): Promise<PlayedStep>;
  /** Actions drawn without regard to anything, in the method's form. */
  random(key: RandomKey): NdArray;
  /** Starts every world anew. */
  restart(key: RandomKey): Promise<void>;
  finished(): readonly Finished[];
  /** The latest observations in the form recordings hold them. */
  readonly stored: NdArray;
  /** Plain JSON; undefined where the worlds cannot be saved. */
  save(): Promise<unknown>;
  restore(saved: unknown): Promise<void>;
}

interface Saved {
  readonly worlds: unknown;
  readonly stored: readonly number[];
  readonly returns: readonly number[];
  readonly lengths: readonly number[];
}

/** What keeps all that is played, if anything does. */
export type KeepPlay = (worlds: AnyVectorEnvironment) => Recorder;

/** @throws Problem "wrong-actions"; "bad-value" for actions without bounds; "broken-world" where numbers are not finite */
export async function player(
  algorithm: AnyAlgorithm,
  vector: AnyVectorEnvironment,
  { key, kept }: { readonly key: RandomKey; readonly kept?: KeepPlay },
): Promise<Player> {
  const worlds = vector.size;
  const { observationSpace, actionSpace } = vector;
  const action = actionSizes(algorithm, actionSpace);
  const actionScale = actionSpace.kind === "box" ? scaleOf(bounded(actionSpace, vector.name), nothing) : undefined;
  const flat = (rows: NdArray): NdArray => flattenBatch(observationSpace, rows);
  const returns = new Float64Array(worlds);
  const lengths = new Float64Array(worlds);
  const before = new Float64Array(worlds);
  let ended: Finished[] = [];
  let stored = (await vector.reset({ seed: seedFrom(fold(key, "worlds")) })).observation;
  let observation = flat(stored);

  const recorder = kept?.(vector);
  let steps = 0;
  const finite = (what: string, numbers: ArrayLike<number>): void => {
    for (let i = 0; i < numbers.length; i++) {
      if (Number.isFinite(numbers[i])) continue;
      throw problem("broken-world", { environment: vector.name, what, given: numbers[i], step: steps });
    }
  };
  finite("a number that is seen", observation.data as Float32Array);

  return {
    spaces: vector,
    ...(recorder ? { recorder } : {}),
    worlds,
    sizes: { observation: observation.shape[1], action },
    ...(actionScale ? { actionScale } : {}),
    get observation() {
      return observation;
    },
    get stored() {
      return stored;
    },
    async step(chosen) {
      const action = played(actionSpace, chosen, actionScale);
      const { finalObservation, finalInfo, ...step } = await vector.step(action);
      recorder?.add({ ...step, observation: stored, action, ...(finalObservation ? { finalObservation } : {}) });
      const after = flat(step.observation);
      const nextObservation = finalObservation ? { ...after, data: after.data.slice() as Float32Array } : after;
      steps += worlds;
      finite("a reward", step.reward);
      finite("a number that is seen", after.data as Float32Array);
      const last = finalObservation && flat(finalObservation);
      for (let w = 0; w < worlds; w++) {
        returns[w] += step.reward[w];
        lengths[w]++;
        if (!(step.terminated[w] || step.truncated[w])) continue;
        const width = after.shape[1];
        nextObservation.data.set(last!.data.slice(w * width, (w + 1) * width) as never, w * width);
        finite(
          "a number that is seen at an end",
          nextObservation.data.subarray(w * width, (w + 1) * width) as Float32Array,
        );
        const success = finalInfo?.[w]?.success;
        ended.push({
          before: before[w]++,
          return: returns[w],
          length: lengths[w],
          ...(typeof success === "boolean" ? { success } : {}),
        });
        returns[w] = 0;
        lengths[w] = 0;
      }
      const { reward, terminated, truncated } = step;
      const row = { observation, action: chosen, reward, nextObservation, terminated, truncated };
      stored = step.observation;
      observation = after;
      return row;
    },
    random(at) {
      const chance = generator(at);
      if (action.kind === "continuous") {
        const rows = zeros([worlds, action.size], "float32");
        for (let i = 0; i < rows.data.length; i++) rows.data[i] = chance.between(-1, 1);
        return rows;
      }
      const { shape } = storedForm(actionSpace);
      const rows = zeros([worlds, ...shape], "int32");
      const sizes = action.kind === "multi-discrete" ? action.sizes : [action.size];
      for (let i = 0; i < rows.data.length; i++) rows.data[i] = chance.integer(sizes[i % sizes.length]);
      return rows;
    },
    async restart(at) {
      recorder?.cut(stored);
      stored = (await vector.reset({ seed: seedFrom(at) })).observation;
      observation = flat(stored);
      for (const counts of [returns, lengths, before]) counts.fill(0);
    },
    finished() {
      const since = ended;
      ended = [];
      return since;
    },
    async save() {
      if (vector.save === undefined) return undefined;
      const numbers = { stored: Array.from(stored.data, Number), returns: [...returns], lengths: [...lengths] };
      return { worlds: await vector.save(), ...numbers } satisfies Saved;
    },
    async restore(saved) {
      const from = saved as Saved;
      await vector.restore!(from.worlds);
      returns.set(from.returns);
      lengths.set(from.lengths);
      stored = { ...stored, data: (stored.data as Float32Array).map((_, i) => from.stored[i]) };
      observation = flat(stored);
    },
  };
}

const nothing = { least: [], most: [] };

function bounded(space: Box, name: string): Box {
  const unbounded = space.low.some((low, i) => !Number.isFinite(low) || !Number.isFinite(space.high[i]));
  if (!unbounded) return space;
  const next = "Wrap the environment in rescaleAction or clipAction.";
  throw problem("bad-value", {
    where: name,
    given: "actions without bounds",
    wanted: "a Box with finite bounds",
    next,
  });
}

/** From the method's actions to the world's. */
function played(space: Space, chosen: NdArray, scale: Affine | undefined): NdArray {
  if (space.kind === "discrete") {
    return space.start === 0 ? chosen : { ...chosen, data: (chosen.data as Int32Array).map((a) => a + space.start) };
  }
  if (space.kind !== "box" || !scale) return chosen;
  const { low, high, shape, dtype } = space;
  const n = low.length;
  const data = Float32Array.from(chosen.data as Float32Array, (value, i) => {
    const inside = Math.max(-1, Math.min(1, value)) * scale.half[i % n] + scale.centre[i % n];
    return Math.max(low[i % n], Math.min(high[i % n], inside));
  });
  return asType({ shape: [chosen.shape[0], ...shape], dtype: "float32", data }, dtype);
}
