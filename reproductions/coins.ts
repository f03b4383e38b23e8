/** Tests of two rates on coins whose rates are known: P163's first part. */
import { sequentialTest } from "repertoire/evaluation";
import { fold, generator, randomKey } from "repertoire/tensor";

export interface Coins {
  /** Share of repetitions in which the sequential test says that one is better. */
  readonly sequential: number;
  /** The same for a z-test of two proportions at 5%, made after every trial from the tenth on. */
  readonly repeated: number;
  /** Trials until the sequential test stops, or all. */
  readonly trials: number;
}

/** Two coins thrown in pairs, looked at after every pair: both tests stop as soon as they find a difference. */
export function coins(first: number, second: number, repetitions: number, seed: number): Coins {
  const most = 200;
  let [sequential, repeated, trials] = [0, 0, 0];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const random = generator(fold(randomKey(seed), "coins", repetition));
    const test = sequentialTest();
    let [a, b, significant] = [0, 0, false];
    for (let n = 1; n <= most && (test.verdict === "undecided" || !significant); n++) {
      const [x, y] = [Number(random.uniform() < first), Number(random.uniform() < second)];
      [a, b] = [a + x, b + y];
      if (test.verdict === "undecided") test.add(x, y);
      const pooled = (a + b) / (2 * n);
      const z = Math.abs(a - b) / n / Math.sqrt((2 * pooled * (1 - pooled)) / n);
      if (n >= 10 && z > 1.959964) significant = true;
    }
    if (test.verdict !== "undecided") sequential++;
    if (significant) repeated++;
    trials += test.trials;
  }
  return { sequential: sequential / repetitions, repeated: repeated / repetitions, trials: trials / repetitions };
}
