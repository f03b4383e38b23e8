/** The price of certainty in soft actor-critics. */
import { type Net, net } from "../../nn/index.ts";
import { scalar, type Tensor } from "../../tensor/index.ts";

/** log α is what is learned, so that α stays above 0; it begins at 0. */
export const temperature = (): Net<{ readonly log: Tensor }, [], Tensor> =>
  net(
    () => ({ log: scalar(0) }),
    ({ log }) => log.exp(),
  );
