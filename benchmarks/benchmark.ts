/** What is measured: ours, and the peers it takes turns with. */
import type { Side } from "./alternate.ts";

/** What a side says of itself when it is asked whether it learns, and whether it does the work the others do. */
export interface Check {
  /** Numbers that are trained. */
  readonly parameters: number;
  /** Mean loss over the first and over the last tenth of the updates. */
  readonly first: number;
  readonly last: number;
  /** Multiplications in the products of one update, where the side can count them. */
  readonly products?: number;
}

export interface LearningSide extends Side {
  /** Makes this many updates and watches the loss. */
  check?(updates: number): Promise<Check>;
}

export interface Peer extends LearningSide {
  readonly name: string;
}

export interface Benchmark {
  /** What `npm run bench` calls it, and the file of its results. */
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly threads: number;
  /** Whether a small number is the better one. */
  readonly lessIsBetter?: boolean;
  openOurs(): Promise<LearningSide>;
  readonly peers: readonly {
    open(): Promise<Peer>;
    /** Where this one cannot run here, the others are measured without it and the reason is printed. */
    readonly optional?: boolean;
  }[];
}
