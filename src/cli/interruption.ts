/** Ctrl-C: work that can stop where it can be resumed is asked to; everything else ends at once. */

import { setImmediate } from "node:timers/promises";
import type { Policy } from "../policies/index.ts";

let asked: AbortController | undefined;

/** From the first call on, the first Ctrl-C aborts this signal and only a second one ends the process. */
export function interruption(): AbortSignal {
  asked ??= new AbortController();
  return asked.signal;
}

/** Listens for the life of the process. @param again the command line to type to start over */
export function endOnInterrupt(again: string): void {
  process.on("SIGINT", () => {
    if (asked === undefined || asked.signal.aborted) {
      const left = asked === undefined ? "nothing was saved. To start again" : "the last checkpoint is kept. To go on";
      process.stderr.write(`\nStopped; ${left}: ${again}\n`);
      process.exit(130);
    }
    process.stderr.write("\nStopping at the next line of the log; Ctrl-C again stops at once.\n");
    asked.abort();
  });
}

/**
 * The same policy, which lets the process see to other things now and then: a scripted one never waits for anything, and
 * while it plays Ctrl-C would go unheard.
 */
export function interruptible(policy: Policy): Policy {
  let heard = performance.now();
  return {
    ...policy,
    async actBatch(observations, options) {
      if (performance.now() - heard > 50) {
        await setImmediate();
        heard = performance.now();
      }
      return policy.actBatch(observations, options);
    },
  };
}

/** A command line as it can be typed again. */
export const commandLine = (args: readonly string[]): string =>
  ["repertoire", ...args]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
