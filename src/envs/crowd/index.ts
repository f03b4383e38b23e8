import type { Registration } from "../registration.ts";
import { crowd, crowdSteps } from "./crowd.ts";
import { flows } from "./flows.ts";
import { crowdOptionNames, recordedOptionNames } from "./options.ts";

/** Walking among people. */
export const crowds: readonly Registration[] = [
  ...flows.map((flow): Registration => {
    const name = `Pedestrians-${flow}-v0`;
    return {
      name,
      about: `Walk to a place among people who give way (${flow}).`,
      maxSteps: crowdSteps,
      options: crowdOptionNames,
      create: (options) => crowd({ ...options, flow, name }),
    };
  }),
  {
    name: "Pedestrians-recorded-v0",
    about: "Take the place of one of the people in recorded walks; needs a file of them.",
    maxSteps: crowdSteps,
    options: recordedOptionNames,
    needs: ["tracks"],
    create: (options) => crowd({ ...options, name: "Pedestrians-recorded-v0" }),
  },
];
