import type { EnvironmentOptions, Registration } from "../registration.ts";
import { fishery, fisheryOptionNames } from "./fishery.ts";
import { market, marketOptionNames } from "./market.ts";
import { paymentOptionNames, payments } from "./payments.ts";
import { type RecordedMarketOptions, recordedMarket, recordedMarketOptionNames } from "./recorded-market.ts";

const sea = (name: string, about: string, own: EnvironmentOptions): Registration => ({
  name,
  about,
  maxSteps: 200,
  options: fisheryOptionNames,
  create: (options) => fishery({ ...own, ...options, name }),
});

/** Decisions about what one lives on. */
export const economy: readonly Registration[] = [
  sea("Fishery-1species-v0", "Fish a population without fishing it out.", { species: 1 }),
  sea("Fishery-3species-v0", "Fish one of two species that compete and are eaten by a third.", {}),
  sea("Fishery-3species-2fisheries-v0", "Fish two species that compete and are eaten by a third.", { fished: 2 }),
  sea("Fishery-3species-2fisheries-drift-v0", "The same, while one of them grows ever more slowly.", {
    fished: 2,
    drift: 0.5,
  }),
  {
    name: "Market-v0",
    about: "Trade a day of minutes under costs, while trend and noise switch without notice.",
    options: marketOptionNames,
    create: (options) => market({ ...options, name: "Market-v0" }),
  },
  {
    name: "Market-recorded-v0",
    about: "Trade recorded prices under costs, a window of them at a time; needs a file of them.",
    options: recordedMarketOptionNames,
    needs: ["prices"],
    create: (options) =>
      recordedMarket({ ...(options as unknown as RecordedMarketOptions), name: "Market-recorded-v0" }),
  },
  {
    name: "Payments-v0",
    about: "Send each payment to a provider, and learn later whether it was approved.",
    maxSteps: 1000,
    options: paymentOptionNames,
    create: (options) => payments({ ...options, name: "Payments-v0" }),
  },
];
