/** Progress on standard error: a bar that redraws itself for a person, a line now and then for a log. */

export interface Progress extends Disposable {
  /** `done` of the total; `note` is a short text behind the bar, e.g. "loss 0.25". */
  update(done: number, note?: string): void;
  /** Ends the bar with its last state, so that what is printed next starts on its own line. */
  close(): void;
}

export interface ProgressOptions {
  readonly label: string;
  readonly total: number;
  /** What was already done before this process started: it counts towards the bar and not towards the rate. */
  readonly from?: number;
  /** What is counted, in the plural. Default "steps". */
  readonly unit?: string;
  readonly stream?: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };
  /** Milliseconds from any origin. */
  readonly clock?: () => number;
}

const redrawEvery = 100;
const lineEvery = 10_000;

/** A page has no standard error, and shows progress in its own way. */
const terminal: NonNullable<ProgressOptions["stream"]> = globalThis.process?.stderr ?? { write: () => {} };

/** Draws nothing until the first update, and at most ten times a second (a TTY) or once in ten seconds (anything else). */
export function openProgress(options: ProgressOptions): Progress {
  const { label, total, from = 0, unit = "steps", stream = terminal, clock = () => performance.now() } = options;
  const every = stream.isTTY ? redrawEvery : lineEvery;
  const started = clock();
  let drawn = stream.isTTY ? Number.NEGATIVE_INFINITY : started;
  let latest: { readonly done: number; readonly note: string } | undefined;
  let dirty = false;

  const draw = (): void => {
    if (latest === undefined || !dirty) return;
    const seconds = Math.max((clock() - started) / 1000, 1e-9);
    const rate = (latest.done - from) / seconds;
    const left = latest.done >= total ? `took ${duration(seconds)}` : `${duration((total - latest.done) / rate)} left`;
    const counts = `${latest.done}/${total} ${unit}, ${rate.toPrecision(3)}/s, ${left}`;
    const line = [`${label} ${percent(latest.done, total)}`, counts, latest.note].filter(Boolean).join("  ");
    // A line longer than the terminal would wrap, and then each redrawing would leave one behind.
    const drawing = `${bar(latest.done / total)} ${line}`.slice(0, (stream.columns ?? 80) - 1);
    stream.write(stream.isTTY ? `\r\x1b[2K${drawing}` : `${line}\n`);
    drawn = clock();
    dirty = false;
  };
  const close = (): void => {
    draw();
    if (stream.isTTY && latest !== undefined) stream.write("\n");
    latest = undefined;
  };
  return {
    update(done, note = "") {
      latest = { done, note };
      dirty = true;
      if (clock() - drawn >= every) draw();
    },
    close,
    [Symbol.dispose]: close,
  };
}

const percent = (done: number, total: number): string => `${Math.floor((100 * done) / total)}%`;

function bar(fraction: number): string {
  const width = 20;
  const full = Math.round(width * Math.min(Math.max(fraction, 0), 1));
  return `${"█".repeat(full)}${"░".repeat(width - full)}`;
}

/** Seconds as a person says them: "4 s", "2 min 5 s", "1 h 3 min"; "?" when unknown. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
