import type { Transport, Unsubscribe } from "@quorate/transport";
import { ReplicationError } from "../replication-error.ts";
import type { CoreInput, Ready } from "./consensus-core.ts";
import type { Counters } from "./counters.ts";
import { decodeIndex, encodeIndex } from "./index-codec.ts";

const NOTHING = new Uint8Array(0);

/** Told the index that a read must see, or undefined when nobody could be shown to lead. */
export type ReadIndexListener = (index: number | undefined) => void;

/**
 * Finds out what a linearizable read must see: from the core when this node leads, else from the
 * leader, and answers those who ask this node.
 */
export class ReadIndexService {
  readonly #engine: CoreInput;
  readonly #transport: Transport;
  readonly #protocol: string;
  readonly #counters: Counters;
  readonly #timeoutMs: number;
  readonly #unsubscribe: Unsubscribe;
  /** Who asked the core, by number. */
  readonly #asking = new Map<number, ReadIndexListener>();
  #lastId = 0;

  /** After `timeoutMs` a leader that does not answer is asked no longer. */
  constructor(
    engine: CoreInput,
    transport: Transport,
    protocol: string,
    counters: Counters,
    timeoutMs: number,
  ) {
    this.#engine = engine;
    this.#transport = transport;
    this.#protocol = protocol;
    this.#counters = counters;
    this.#timeoutMs = timeoutMs;
    this.#unsubscribe = transport.onRequest(protocol, () => this.#answer());
  }

  /** False when no leader is known; else the listener is called once. */
  ask(listener: ReadIndexListener): boolean {
    const { leader, id } = this.#engine.core.server;
    if (leader === undefined) return false;
    this.#counters.reads++;
    if (leader === id) this.#askCore(listener);
    else void this.#askLeader(leader).then(listener);
    return true;
  }

  /** Passes on what the core says of those who asked. */
  settle({
    reads,
    abandonedReads,
  }: Pick<Ready<unknown, unknown>, "reads" | "abandonedReads">): void {
    for (const { id, index } of reads) this.#tell(id, index);
    for (const id of abandonedReads) this.#tell(id, undefined);
  }

  stop(): void {
    this.#unsubscribe();
    for (const id of [...this.#asking.keys()]) this.#tell(id, undefined);
  }

  #askCore(listener: ReadIndexListener): void {
    const id = ++this.#lastId;
    this.#asking.set(id, listener);
    if (!this.#engine.input((core) => core.read(id))) this.#tell(id, undefined);
  }

  #tell(id: number, index: number | undefined): void {
    const listener = this.#asking.get(id);
    this.#asking.delete(id);
    listener?.(index);
  }

  async #askLeader(leader: string): Promise<number | undefined> {
    const options = { timeoutMs: this.#timeoutMs };
    try {
      return decodeIndex(await this.#transport.request(leader, this.#protocol, NOTHING, options));
    } catch {
      // Whatever it was, the read asks again, as long as its deadline lets it.
      return undefined;
    }
  }

  #answer(): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#askCore((index) => {
        if (index !== undefined) resolve(encodeIndex(index));
        else reject(new ReplicationError("unavailable", "this node does not lead"));
      });
    });
  }
}
