/** The forms in which a grid world can be seen. */
import { box, dict, discrete, multiDiscrete, text } from "../../spaces/make.ts";
import type { Box, Space, Value } from "../../spaces/space.ts";
import type { Family } from "./family.ts";
import { mentionsOf, missionOf } from "./mission.ts";
import { CARRIED, DIRECTION } from "./state.ts";
import { colourOf, colours, kindOf, kinds, movableKinds } from "./things.ts";
import { gridImage, viewImage, viewSize } from "./view.ts";

/**
 * dict: { image, direction, mission }, the mission as the number of the colour that it names (0: none, then colours in
 * order), or where it names more, as the numbers of all that it names (from 0); text: the same with the mission's words,
 * as MiniGrid; image: the image alone; one-hot: the image with a channel for each kind, colour and state; flat: one row
 * with that, the direction, what is carried and the mission.
 */
export const observationForms = ["dict", "text", "image", "one-hot", "flat"] as const;
export type ObservationForm = (typeof observationForms)[number];

const kindCount = Object.keys(kinds).length;
/** The agent in a whole grid has four. */
const stateCount = 4;
const channels = kindCount + colours.length + stateCount;
/** Key, ball, box; then their colours. */
const carriedSize = movableKinds.length + colours.length;

export interface Sight {
  readonly space: Space;
  observe(state: Float64Array): Value;
}

/** @param whole the whole grid instead of the agent's view */
export function sightOf(family: Family, form: ObservationForm, whole: boolean): Sight {
  const [columns, rows] = whole ? [family.width, family.height] : [viewSize, viewSize];
  const image = (state: Float64Array): Float32Array => (whole ? gridImage(state, family) : viewImage(state, family));
  const space = imageSpace(columns, rows);
  const direction = discrete(4, { names: ["right", "down", "left", "up"] });
  switch (form) {
    case "image":
      return { space, observe: image };
    case "one-hot":
      return {
        space: box(0, 1, { shape: [columns, rows, channels] }),
        observe: (state) => {
          const out = new Float32Array(columns * rows * channels);
          oneHot(image(state), out);
          return out;
        },
      };
    case "flat":
      return flat(columns * rows, image, family);
    case "text":
      return {
        space: dict({ image: space, direction, mission: text(100) }),
        observe: (state) => ({ image: image(state), direction: state[DIRECTION], mission: missionOf(state, family) }),
      };
    case "dict":
      return {
        space: dict({ image: space, direction, mission: missionSpace(family) }),
        observe: (state) => ({
          image: image(state),
          direction: state[DIRECTION],
          mission: missionNumbers(state, family),
        }),
      };
  }
}

function missionSpace(family: Family): Space {
  const mentions = mentionsOf(family);
  if (mentions.length < 2) return discrete(colours.length + 1, { names: ["none", ...colours] });
  return multiDiscrete(mentions.map(({ words }) => words.length));
}

function missionNumbers(state: Float64Array, family: Family): Value {
  const numbers = mentionsOf(family).map(({ numberIn }) => numberIn(state));
  return numbers.length < 2 ? (numbers[0] ?? -1) + 1 : Int32Array.from(numbers);
}

function flat(cells: number, image: (state: Float64Array) => Float32Array, family: Family): Sight {
  const pictured = cells * channels;
  const [colour, ...more] = mentionsOf(family);
  const size = pictured + 4 + carriedSize + colours.length + more.reduce((sum, { words }) => sum + words.length, 0);
  return {
    space: box(0, 1, { shape: [size] }),
    observe(state) {
      const out = new Float32Array(size);
      oneHot(image(state), out);
      out[pictured + state[DIRECTION]] = 1;
      if (state[CARRIED] !== 0) {
        out[pictured + 4 + kindOf(state[CARRIED]) - kinds.key] = 1;
        out[pictured + 7 + colourOf(state[CARRIED])] = 1;
      }
      let at = pictured + 4 + carriedSize;
      if (colour !== undefined) out[at + colour.numberIn(state)] = 1;
      at += colours.length;
      for (const { words, numberIn } of more) {
        out[at + numberIn(state)] = 1;
        at += words.length;
      }
      return out;
    },
  };
}

function imageSpace(columns: number, rows: number): Box {
  const most = Array.from({ length: columns * rows }, () => [kindCount - 1, colours.length - 1, stateCount - 1]).flat();
  return box(0, most, { shape: [columns, rows, 3] });
}

function oneHot(image: Float32Array, out: Float32Array): void {
  for (let cell = 0; cell * 3 < image.length; cell++) {
    const at = cell * channels;
    out[at + image[cell * 3]] = 1;
    out[at + kindCount + image[cell * 3 + 1]] = 1;
    out[at + kindCount + colours.length + image[cell * 3 + 2]] = 1;
  }
}
