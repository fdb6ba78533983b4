import type { Etcd3, IDuplexStream, IWatchRequest, IWatchResponse } from "etcd3";

/** What to watch, and which changes of it to leave out. */
export interface WatchedKeys {
  readonly key: Buffer;
  readonly range_end?: Buffer;
  readonly filters: ("Noput" | "Nodelete")[];
}

interface Watch {
  /** With the keys that changed; with none when the stream broke. */
  readonly wake: (changed: readonly string[]) => void;
  readonly created: () => void;
  readonly failed: (error: Error) => void;
}

type Stream = IDuplexStream<IWatchRequest, IWatchResponse>;

/**
 * All watches of a store on one stream, opened when the first is asked for. When it breaks everybody
 * is woken: whoever waits looks again, and watches again on the next stream.
 */
export class WatchStream {
  readonly #client: Pick<Etcd3, "watchClient">;
  #stream: Promise<Stream> | undefined;
  readonly #watches = new Map<string, Watch>();
  #lastId = 0;

  constructor(client: Pick<Etcd3, "watchClient">) {
    this.#client = client;
  }

  /** Resolves when the server watches: each change from then on calls `wake`. Returns what ends it. */
  async listen(keys: WatchedKeys, wake: (changed: readonly string[]) => void): Promise<() => void> {
    const stream = await this.#opened();
    const watchId = String(++this.#lastId);
    await new Promise<void>((created, failed) => {
      this.#watches.set(watchId, { wake, created, failed });
      stream.write({ create_request: { ...keys, watch_id: watchId } });
    });
    return () => {
      if (!this.#watches.delete(watchId)) return;
      stream.write({ cancel_request: { watch_id: watchId } });
    };
  }

  async close(): Promise<void> {
    const stream = await this.#stream?.catch(() => undefined);
    stream?.cancel();
  }

  async #opened(): Promise<Stream> {
    this.#stream ??= this.#open();
    return this.#stream;
  }

  async #open(): Promise<Stream> {
    try {
      const stream = await this.#client.watchClient.watch();
      stream.on("data", (response) => this.#receive(response));
      stream.on("error", (error) => this.#break(error));
      stream.on("end", () => this.#break(new Error("the watch stream ended")));
      return stream;
    } catch (error) {
      this.#stream = undefined;
      throw error;
    }
  }

  #receive({ watch_id, created, canceled, events }: IWatchResponse): void {
    const watch = this.#watches.get(watch_id);
    if (!watch) return;
    if (canceled) {
      this.#watches.delete(watch_id);
      watch.failed(new Error("etcd ended the watch"));
      watch.wake([]);
    } else if (created) {
      watch.created();
    } else if (events.length > 0) {
      watch.wake(events.map(({ kv }) => kv.key.toString()));
    }
  }

  #break(error: Error): void {
    this.#stream = undefined;
    const watches = [...this.#watches.values()];
    this.#watches.clear();
    for (const { wake, failed } of watches) {
      failed(error);
      wake([]);
    }
  }
}
