import type { KvStateMachine } from "../kv-state-machine.ts";
import { HistoryReader } from "./history-reader.ts";
import { WatchGroups } from "./watch-groups.ts";
import { WatchStream, type WatchStreamOptions } from "./watch-stream.ts";

/**
 * The watches on one replica's store, as etcd has them:
 *
 * - ordered: events of a watch come in the order of their revisions;
 * - unique: none comes twice;
 * - atomic: all of a revision come together, or as marked fragments;
 * - reliable: none in between is left out: a watch that cannot be told everything ends with `compacted`;
 * - resumable: one that begins after the last revision it was told goes on without a gap.
 *
 * A pure core: it is called by the state machine as commands are applied, and messages are taken from
 * its streams. A write costs what the distinct ranges cost that its keys are in, not the watches.
 *
 * Source: https://etcd.io/docs/v3.5/learning/api_guarantees/, "Watch APIs".
 */
export class WatchHub {
  readonly #groups: WatchGroups;
  readonly #history: HistoryReader;
  readonly #unlisten: () => void;

  constructor(machine: KvStateMachine) {
    this.#groups = new WatchGroups(machine);
    this.#history = new HistoryReader(machine);
    this.#unlisten = machine.listen({
      committed: (_revision, entries) => this.#groups.committed(entries),
      restored: () => {
        this.#history.forget();
        this.#groups.restored();
      },
    });
  }

  /** A stream of its own, for one client. Its `close` ends its watches. @throws {KvError} `invalid-option`. */
  openStream(options: WatchStreamOptions = {}): WatchStream {
    return new WatchStream(this.#groups, this.#history, options);
  }

  /** Hears no more of the store: its streams are told nothing new. */
  stop(): void {
    this.#unlisten();
  }
}
