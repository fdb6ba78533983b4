import type { Entry } from "@quorate/kv";
import type { Contender } from "../src/index.ts";
import { QueueKeys } from "../src/quorate/queue-keys.ts";
import type { Queues } from "./store-observer.ts";

const PREFIX = "locks/";
const QUEUE = /^locks\/queues\/([^/]+)\//;

/** Queues as the replicated store has them: as of the newest revision that any replica has applied. */
export class KvQueues implements Queues {
  readonly #keys = new QueueKeys(PREFIX);
  readonly #byQueue = new Map<string, Map<string, Contender>>();
  #revision = 0;

  /** Some replica has applied a revision. Returns whether it is the first. */
  wrote(revision: number, entries: readonly Entry[]): boolean {
    if (revision <= this.#revision) return false;
    this.#revision = revision;
    for (const entry of entries) {
      const queue = QUEUE.exec(entry.key)?.[1];
      if (queue !== undefined) this.#put(decodeURIComponent(queue), entry);
    }
    return true;
  }

  names(): readonly string[] {
    return [...this.#byQueue.keys()];
  }

  contenders(queue: string): readonly Contender[] {
    const contenders = [...(this.#byQueue.get(queue)?.values() ?? [])];
    return contenders.toSorted((a, b) => Number(a.token - b.token));
  }

  #put(queue: string, entry: Entry): void {
    const contenders = this.#byQueue.get(queue) ?? new Map<string, Contender>();
    this.#byQueue.set(queue, contenders);
    if (entry.version === 0) return void contenders.delete(entry.key);
    const [key, value] = [entry.key, entry.value].map((bytes) => Buffer.from(bytes, "latin1"));
    const contender = this.#keys.contenderOf(queue, { ...entry, key: key!, value: value! });
    contenders.set(entry.key, contender);
  }
}
