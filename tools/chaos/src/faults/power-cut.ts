import { whyNot } from "../system-command.ts";
import { tryVolume } from "../volume.ts";
import { drawVictim, type Fault } from "./fault.ts";

const ALL_SHARE = 0.5;

/**
 * The power of one node fails, or of all at once: each finds on its disk what it had made durable,
 * and of the rest only what its kernel happened to have written. All at once is the sharper test: a
 * majority that kept its power hides what one node lost.
 */
export const powerCut: Fault = {
  unavailable: () => whyNot(() => tryVolume((volume) => volume.mountImage())),
  prepare: ({ volume }) => volume.mountImage(),
  inject: async (context) => {
    const isAll = context.random.next() < ALL_SHARE;
    const victims = isAll ? context.cluster.nodes : [await drawVictim(context)];
    await Promise.all(
      victims.map(async (node) => {
        await node.kill();
        await node.volume.cutPower();
      }),
    );
    return async () => victims.forEach((node) => node.start());
  },
};
