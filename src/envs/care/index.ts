import type { Registration } from "../registration.ts";
import { icuSepsis, sepsisOptionNames } from "./sepsis.ts";

/** Decisions of care. */
export const care: readonly Registration[] = [
  {
    name: "ICU-Sepsis-v2",
    about: "Choose doses of two drugs for a patient with sepsis; needs the tables of ICU-Sepsis in a folder.",
    maxSteps: 500,
    options: sepsisOptionNames,
    needs: ["folder"],
    create: (options) => icuSepsis({ ...options, name: "ICU-Sepsis-v2" }),
  },
];
