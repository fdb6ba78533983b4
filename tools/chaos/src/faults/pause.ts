import { drawVictim, type Fault } from "./fault.ts";

/** SIGSTOP, later SIGCONT: a leader that wakes up has been replaced, and does not know it. */
export const pauseNode: Fault = {
  unavailable: async () => (process.platform === "win32" ? "Windows has no SIGSTOP" : undefined),
  inject: async (context) => {
    const victim = await drawVictim(context);
    victim.pause();
    return async () => victim.resume();
  },
};
