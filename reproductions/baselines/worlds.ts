/**
 * Worlds of ours for a learner in another process (see sb3.py): a line of JSON in, a line of JSON out.
 *
 * node --conditions=repertoire-source reproductions/baselines/worlds.ts LunarLander-v3 8
 *   > what there is to see and to do
 *   < {"seed": 1} or {"actions": [0, 2, …]}
 *   > observations, and of a step what it brought
 */
import { createInterface } from "node:readline";
import { factoryFrom, vectorise } from "repertoire/envs";
import type { NdArray } from "repertoire/tensor";

const [name, size] = process.argv.slice(2);
const make = await factoryFrom({ name });
const worlds = vectorise(Array.from({ length: Number(size) }, () => make));
const { observationSpace, actionSpace } = worlds;

const said = (line: unknown): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);
const plain = (x: NdArray | undefined): readonly number[] | null => (x ? Array.from(x.data, Number) : null);
/** Actions of all worlds, one number after another, in their stored form. */
const stored = (numbers: readonly number[]): NdArray =>
  actionSpace.kind === "discrete"
    ? { shape: [worlds.size], dtype: "int32", data: Int32Array.from(numbers) }
    : { shape: [worlds.size, numbers.length / worlds.size], dtype: "float32", data: Float32Array.from(numbers) };

said({ observationSpace, actionSpace });
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line) as { readonly seed: number } | { readonly actions: readonly number[] };
  if ("seed" in asked) {
    said({ observation: plain(worlds.reset(asked).observation) });
    continue;
  }
  const { observation, reward, terminated, truncated, finalObservation } = worlds.step(stored(asked.actions));
  said({
    observation: plain(observation),
    reward: [...reward],
    terminated: [...terminated],
    truncated: [...truncated],
    finalObservation: plain(finalObservation),
  });
}
