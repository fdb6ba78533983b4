import type { NodeEnvironment, SwarmContext } from "@quorate/simulation";
import type { CoordinationStore } from "../src/index.ts";
import type { Queues, StoreObserver } from "./store-observer.ts";

/** The store of a run: the first machines of a swarm serve it, the programs on all others are its users. */
export interface LockBacking {
  /** How many of the machines serve it. */
  readonly servers: number;
  /** One of these is what locks give it for an answer. */
  readonly requestTimeoutsMs: readonly number[];
  readonly queues: Queues;
  /** Starts the program of a machine that serves it. */
  boot(environment: NodeEnvironment, seen: StoreObserver): Promise<object>;
  /** The store as a client has it whose transport has started; `life` is another one each time. */
  connect(environment: NodeEnvironment, life: string, seen: StoreObserver): CoordinationStore;
  leader?(): string | undefined;
  /** What a machine that serves it says of itself. */
  describe(program: object): string;
}

/** Makes the store of a run. */
export type MakeBacking = (context: SwarmContext<object>) => LockBacking;
