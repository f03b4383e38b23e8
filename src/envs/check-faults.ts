/** How what is wrong is collected: in sentences, while nothing is thrown. */

/** @param kind the same for sentences of which the first is enough; default: the sentence itself */
export type Fault = (sentence: string, kind?: string) => void;

export interface Faults {
  readonly fault: Fault;
  /** What `act` returns; where it throws, that becomes a sentence, and there is nothing to return. */
  attempt<T>(act: () => T, doing: string): T | undefined;
  /** All that were found, the first first. */
  sentences(): readonly string[];
}

export function faults(): Faults {
  const found = new Map<string, string>();
  const fault: Fault = (sentence, kind = sentence) => {
    if (!found.has(kind)) found.set(kind, sentence);
  };
  return {
    fault,
    attempt(act, doing) {
      try {
        return act();
      } catch (error) {
        fault(`It threw while ${doing}: ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      }
    },
    sentences: () => [...found.values()],
  };
}

/** Does `act` and says whether it threw. */
export function throws(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch {
    return true;
  }
}

/** A played stretch as text: "reset: …" and "step 3: …", a line an answer. */
export type Transcript = readonly string[];

/** @param first and second: the same stretch played twice; undefined where that threw */
export function checkRepeats(first: Transcript | undefined, second: Transcript | undefined, fault: Fault): void {
  if (first === undefined || second === undefined) return;
  const at = first.findIndex((line, i) => line !== second[i]);
  if (at < 0) return;
  fault(
    `The same seed and actions gave different results from ${first[at].split(":")[0]} on: draw all chance from a generator that reset({ seed }) starts anew.`,
  );
}
