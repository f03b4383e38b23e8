/** The forms in which a grid world can be seen. */
import { box, dict, discrete, text } from "../../spaces/make.ts";
import type { Box, Space, Value } from "../../spaces/space.ts";
import type { Family } from "./family.ts";
import { CARRIED, CELLS, DIRECTION, TARGET } from "./state.ts";
import { colourOf, colours, kindOf, kinds } from "./things.ts";
import { gridImage, viewImage, viewSize } from "./view.ts";

/**
 * dict: { image, direction, mission }, the mission as the number of the colour that it names (0: none, then colours in
 * order); text: the same with the mission's words, as MiniGrid; image: the image alone; one-hot: the image with a
 * channel for each kind, colour and state; flat: one row with that, the direction, what is carried and the mission.
 */
export const observationForms = ["dict", "text", "image", "one-hot", "flat"] as const;
export type ObservationForm = (typeof observationForms)[number];

const kindCount = Object.keys(kinds).length;
/** The agent in a whole grid has four. */
const stateCount = 4;
const channels = kindCount + colours.length + stateCount;
/** Key, ball, box; then their colours. */
const carriedSize = 3 + colours.length;

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
        space: dict({ image: space, direction, mission: text(80) }),
        observe: (state) => ({ image: image(state), direction: state[DIRECTION], mission: missionOf(state, family) }),
      };
    case "dict":
      return {
        space: dict({
          image: space,
          direction,
          mission: discrete(colours.length + 1, { names: ["none", ...colours] }),
        }),
        observe: (state) => ({
          image: image(state),
          direction: state[DIRECTION],
          mission: missionColour(state, family) + 1,
        }),
      };
  }
}

function flat(cells: number, image: (state: Float64Array) => Float32Array, family: Family): Sight {
  const pictured = cells * channels;
  const size = pictured + 4 + carriedSize + colours.length;
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
      const colour = missionColour(state, family);
      if (colour >= 0) out[pictured + 4 + carriedSize + colour] = 1;
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

/** The number of the colour that the mission names, −1 where it names none. */
export function missionColour(state: Float64Array, { mission, task }: Family): number {
  if (!mission.includes("{colour}")) return -1;
  return colourOf(task === "pick" ? state[TARGET] : state[CELLS + state[TARGET]]);
}

export function missionOf(state: Float64Array, family: Family): string {
  const colour = missionColour(state, family);
  return colour < 0 ? family.mission : family.mission.replace("{colour}", colours[colour]);
}
