import type { Registration } from "../registration.ts";
import { type TabletopTask, tabletopTasks } from "./instructions.ts";
import { tabletop, tabletopOptionNames } from "./tabletop.ts";

const about: { readonly [T in TabletopTask]: string } = {
  "pick-up": "Raise a bottle to the height that was said.",
  reorient: "Turn a bottle to the angle that was said.",
  "open-drawer": "Open a drawer as far as was said.",
  "close-drawer": "Close a drawer as far as was said.",
  "open-cabinet": "Open a cabinet's door as far as was said.",
  "close-cabinet": "Close a cabinet's door as far as was said.",
  pour: "Pour out as much water as was said, which goes on flowing for a while.",
  transfer: "Pour as much water as was said into another cup.",
};

/** A hand that is told how far. */
export const tabletops: readonly Registration[] = tabletopTasks.map((task) => ({
  name: `Tabletop-${task}-v0`,
  about: about[task],
  options: tabletopOptionNames,
  create: (options) => tabletop({ ...options, task }),
}));
