/** Small recordings and quick runs for the tests of algorithms. */
import { decisionLog, fromEpisodes, type Recording } from "../data/index.ts";
import { box, discrete } from "../spaces/index.ts";
import { fold, generator, leavesOf, type NdArray, randomKey, sizeOf } from "../tensor/index.ts";
import type { AnyAlgorithm } from "./define.ts";

const unit = (n: number) => box(Array<number>(n).fill(-1), Array<number>(n).fill(1));

/** 24 episodes of a point that is pushed about; the actions a Box or a choice. */
function wandering(actions: "continuous" | "discrete"): Recording {
  const episodes = Array.from({ length: 24 }, (_, e) => {
    const random = generator(fold(randomKey(3), e));
    const length = 5 + random.integer(6);
    const steps = Array.from({ length }, () => [random.between(-0.9, 0.9), random.between(-0.9, 0.9)]);
    const observations = Array.from({ length: length + 1 }, () =>
      Float32Array.from({ length: 3 }, () => random.normal()),
    );
    return {
      observations,
      actions: steps.map(([x, y]) =>
        actions === "continuous" ? Float32Array.of(x, y) : x > 0.3 ? 2 : x > -0.3 ? 1 : 0,
      ),
      rewards: steps.map(([x, y], t) => x - y * y + 0.1 * observations[t][0]),
      terminated: e % 2 === 0,
    };
  });
  const free = box([-Infinity, -Infinity, -Infinity], [Infinity, Infinity, Infinity]);
  return fromEpisodes(episodes, {
    observationSpace: free,
    actionSpace: actions === "continuous" ? unit(2) : discrete(3),
  });
}

function choosing(): Recording {
  const random = generator(randomKey(4));
  const rows = 300;
  const context = Float32Array.from({ length: rows * 2 }, () => random.normal());
  const action = Int32Array.from({ length: rows }, () => random.choice([0.5, 0.3, 0.2]));
  const reward = Float64Array.from(action, (a, i) => (a === 2 ? context[2 * i] : 0.3 * a) + 0.1 * random.normal());
  return decisionLog({
    context: { shape: [rows, 2], dtype: "float32", data: context },
    actions: { count: 3, features: { shape: [3, 2], dtype: "float32", data: Float32Array.of(0, 1, 1, 0, 1, 1) } },
    action,
    propensity: Float64Array.from(action, (a) => [0.5, 0.3, 0.2][a]),
    reward,
  });
}

/** One recording for each kind of action the method makes. */
export function recordingsFor({ learnsFrom, actions }: AnyAlgorithm): readonly Recording[] {
  if (learnsFrom === "decisions") return [choosing()];
  return (["continuous", "discrete"] as const).filter((kind) => actions === "any" || actions === kind).map(wandering);
}

/** Small enough for a test. */
export const tiny = { hidden: [8, 8], batchSize: 16, steps: 48 };

export const flat = (tree: unknown): readonly [string, NdArray][] => [...leavesOf<NdArray>(tree)];

/** The paths whose values differ. */
export function changed(a: unknown, b: unknown): readonly string[] {
  const after = new Map(flat(b));
  return flat(a).flatMap(([path, value]) => {
    const other = after.get(path);
    const same =
      other && sizeOf(other.shape) === sizeOf(value.shape) && value.data.every((x, i) => x === other.data[i]);
    return same ? [] : [path];
  });
}
