import { whyNot } from "../system-command.ts";
import { tryVolume } from "../volume.ts";
import { drawVictim, type Fault } from "./fault.ts";

/**
 * No block is left on a node's disk. It may die of that, and must not acknowledge what it cannot
 * keep. Healed by room, and a start from what is on disk.
 */
export const diskFull: Fault = {
  unavailable: () => whyNot(() => tryVolume((volume) => volume.mountAny())),
  prepare: ({ volume }) => volume.mountAny(),
  inject: async (context) => {
    const victim = await drawVictim(context);
    victim.expectDeath();
    await victim.volume.fill();
    return async () => {
      await victim.kill();
      await victim.volume.free();
      victim.start();
    };
  },
};
