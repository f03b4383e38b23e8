/** The price of certainty in soft actor-critics. */
import { type Net, net } from "../../nn/index.ts";
import { scalar, type Tensor, zerosOf } from "../../tensor/index.ts";

/** log α is what is learned, so that α stays above 0; it begins at 0. */
export const temperature = (): Net<{ readonly log: Tensor }, [], Tensor> =>
  net(
    () => ({ log: scalar(0) }),
    ({ log }) => log.exp(),
  );

/** log α of each row [batch], one for each task: its one-hot [batch, tasks] says which. They begin at 0. */
export const logTemperatures = (tasks: number): Net<{ readonly log: Tensor }, [task: Tensor], Tensor> =>
  net(
    () => ({ log: zerosOf([tasks]) }),
    ({ log }, task) => task.mul(log).sum(-1),
  );
