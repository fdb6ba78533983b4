import { drawVictim, type Fault } from "./fault.ts";

const ALL_SHARE = 0.2;

/**
 * SIGKILL of one node, or of all at once: then the cluster has what is on disk and nothing else. The
 * page cache survives; what a power cut leaves is another fault.
 */
export const kill: Fault = {
  unavailable: async () => undefined,
  inject: async (context) => {
    const isAll = context.random.next() < ALL_SHARE;
    const victims = isAll ? context.cluster.nodes : [await drawVictim(context)];
    await Promise.all(victims.map((node) => node.kill()));
    return async () => victims.forEach((node) => node.start());
  },
};
