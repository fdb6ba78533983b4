import type { Redis } from "ioredis";

/** What is used of npm `redlock`, whose package names no types that an ES module could find. */
interface Redlock {
  acquire(resources: readonly string[], ttlMs: number): Promise<{ release(): Promise<unknown> }>;
}

export async function openRedlock(client: Redis): Promise<Redlock> {
  const name: string = "redlock";
  const { default: Redlock } = (await import(name)) as {
    readonly default: new (clients: readonly Redis[]) => Redlock;
  };
  return new Redlock([client]);
}
