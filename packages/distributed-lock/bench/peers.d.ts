/** Its package names no types that an ES module could find. */
declare module "redlock" {
  import type { Redis } from "ioredis";

  export default class Redlock {
    constructor(clients: readonly Redis[]);
    acquire(resources: readonly string[], ttlMs: number): Promise<{ release(): Promise<unknown> }>;
  }
}
