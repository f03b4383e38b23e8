/** Ctrl-C: work that can stop where it can be resumed is asked to; everything else ends at once. */

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
      const left = asked === undefined ? "nothing was saved" : "the last checkpoint is kept";
      process.stderr.write(`\nStopped; ${left}. To go on: ${again}\n`);
      process.exit(130);
    }
    process.stderr.write("\nStopping at the next line of the log; Ctrl-C again stops at once.\n");
    asked.abort();
  });
}

/** A command line as it can be typed again. */
export const commandLine = (args: readonly string[]): string =>
  ["repertoire", ...args]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
