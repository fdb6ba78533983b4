import type { ReplicatedLog } from "@quorate/replication";
import type { TransportStream } from "@quorate/transport";
import type { KvStateMachine } from "../kv-state-machine.ts";
import { WatchConnection, type WatchConnectionOptions } from "./watch-connection.ts";
import type { WatchHub } from "./watch-hub.ts";

/** Tells clients their watches, each on a stream of its own. */
export class WatchServer {
  readonly #log: ReplicatedLog<KvStateMachine>;
  readonly #hub: WatchHub;
  readonly #options: WatchConnectionOptions;
  readonly #connections = new Set<WatchConnection>();

  constructor(log: ReplicatedLog<KvStateMachine>, hub: WatchHub, options: WatchConnectionOptions) {
    this.#log = log;
    this.#hub = hub;
    this.#options = options;
  }

  /** Resolves when the stream is over. How many there may be is for the transport to bound. */
  async serve(stream: TransportStream): Promise<void> {
    const connection = new WatchConnection(stream, this.#log, this.#hub, this.#options);
    this.#connections.add(connection);
    await connection.run();
    this.#connections.delete(connection);
  }

  /** Ends all: their clients go on elsewhere. */
  stop(): void {
    for (const connection of this.#connections) connection.end("this node serves no more");
  }
}
