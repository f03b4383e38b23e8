/** What is seen and done in the physical worlds, apart from their engine, so that what acts in them does not load it. */
import { box, discrete } from "../../spaces/make.ts";

export const lander = {
  observation: box([-2.5, -2.5, -10, -10, -2 * Math.PI, -10, 0, 0], [2.5, 2.5, 10, 10, 2 * Math.PI, 10, 1, 1]),
  engines: discrete(4, { names: ["nothing", "left engine", "main engine", "right engine"] }),
  throttles: box(-1, 1, { shape: [2] }),
};

export const lidars = 10;
const low = [-Math.PI, -5, -5, -5, -Math.PI, -5, -Math.PI, -5, 0, -Math.PI, -5, -Math.PI, -5, 0];
const high = low.map((bound, i) => (i === 8 || i === 13 ? 5 : -bound));
const rays = new Array<number>(lidars).fill(1);

export const walker = {
  observationSpace: box([...low, ...rays.map((ray) => -ray)], [...high, ...rays]),
  actionSpace: box(-1, 1, { shape: [4] }),
};
