import type { NodeEnvironment, SwarmContext } from "@quorate/simulation";
import { StoreState } from "../src/core/store-state.ts";
import type { CoordinationStore } from "../src/index.ts";
import type { LockBacking } from "./lock-backing.ts";
import type { Queues, StoreObserver } from "./store-observer.ts";
import { LockServer } from "./lock-server.ts";
import { RemoteStore } from "./remote-store.ts";

/** A store of one machine whose state outlives it, as if replicas took over: the state that stores are held to. */
export class ModelledBacking implements LockBacking {
  readonly servers = 1;
  readonly requestTimeoutsMs: readonly number[] = [120, 250, 800];
  readonly queues: Queues;
  readonly #state = new StoreState();
  readonly #done = new Set<string>();
  readonly #context: SwarmContext<object>;

  constructor(context: SwarmContext<object>) {
    this.#context = context;
    this.queues = {
      names: () => this.#state.queues(),
      contenders: (queue) => this.#state.contenders(queue, Infinity, -Infinity),
    };
  }

  async boot(environment: NodeEnvironment, observe: StoreObserver): Promise<object> {
    this.#context.cover("failovers");
    const worldMs = (): number => this.#context.world.clock.now();
    const durable = { state: this.#state, done: this.#done, observe, worldMs };
    return new LockServer(environment, durable);
  }

  connect({ transport, clock }: NodeEnvironment, life: string): CoordinationStore {
    return new RemoteStore(this.#context.nodes[0]!.name, transport, clock, life);
  }

  describe(): string {
    return this.queues
      .names()
      .map((queue) => {
        const refs = this.queues.contenders(queue).map(({ ref }) => ref);
        return `${queue}: ${refs.slice(0, 20).join(", ")}`;
      })
      .join("; ");
  }
}
