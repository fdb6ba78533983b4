import type { Fault } from "./fault.ts";

/** A fault that can be named, and is skipped everywhere until somebody builds it. */
export function notBuilt(how: string): Fault {
  const reason = `not built yet (${how})`;
  return {
    unavailable: async () => reason,
    inject: () => Promise.reject(new Error(reason)),
  };
}
