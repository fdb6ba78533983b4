import type { Committed } from "@quorate/replication";
import { ALL_KEYS, KvStateMachine, WatchHub, type WatchStream } from "../src/index.ts";
import type { StoreCoverage } from "./kv-coverage.ts";
import type { LeaseOracle } from "./lease-oracle.ts";
import type { WatchOracle } from "./watch-oracle.ts";

/** Few, so that snapshots carry compacted histories, and nodes that were away are told so. */
const KEPT_REVISIONS = 20;

/** What the store's state is after each entry of the log, as far as any node has shown it. */
export class StoreOracle {
  readonly #hashes = new Map<number, { readonly hash: string; readonly node: string }>();
  readonly #events = new Map<number, string>();

  /** On `node`, the state after the entry at `index` has this hash. @throws where another's differs. */
  show(node: string, index: number, hash: string): void {
    const known = this.#hashes.get(index);
    if (!known) this.#hashes.set(index, { hash, node });
    else if (known.hash !== hash) {
      const states = `${hash} on ${node}, ${known.hash} on ${known.node}`;
      throw new Error(`the state after entry ${index} is ${states}`);
    }
  }

  /** On `node`, a watch was told these events of a revision. @throws where another was told others. */
  showEvents(node: string, revision: number, events: string): void {
    const known = this.#events.get(revision);
    if (known === undefined) this.#events.set(revision, events);
    else if (known !== events) {
      throw new Error(`revision ${revision} is told as ${events} on ${node}, elsewhere ${known}`);
    }
  }
}

/**
 * A store that shows its state after each entry to the oracle, and what a watch of all keys is told: every
 * revision, once and in order, or that it is compacted.
 */
export class WatchedStore extends KvStateMachine {
  readonly #node: string;
  readonly #oracle: StoreOracle;
  readonly #cover: (name: StoreCoverage) => void;
  readonly #stream: WatchStream;
  /** The revision that the watch is told next. */
  #next = 2;

  constructor(
    node: string,
    oracle: StoreOracle,
    { watches, leases }: { readonly watches: WatchOracle; readonly leases: LeaseOracle },
    cover: (name: StoreCoverage) => void,
  ) {
    super({ keepRevisions: KEPT_REVISIONS });
    this.listen({
      committed: (revision, entries) => watches.wrote(revision, entries),
      revoked: (id) => {
        this.#checkNoneHas(id);
        leases.revoked(id);
      },
    });
    this.#node = node;
    this.#oracle = oracle;
    this.#cover = cover;
    this.#stream = new WatchHub(this).openStream();
    this.#stream.watch({ ...ALL_KEYS, startRevision: this.#next });
  }

  override apply(entries: readonly Committed[]): Uint8Array[] {
    return entries.flatMap((entry) => {
      const results = super.apply([entry]);
      this.#oracle.show(this.#node, entry.index, this.hash());
      // Now and then, so that it takes several revisions at once, and some from history.
      if (entry.index % 7 === 0) this.#takeEvents();
      return results;
    });
  }

  #checkNoneHas(lease: number): void {
    const left = this.reads.range("\0", "\0").find((entry) => entry.lease === lease);
    if (left)
      throw new Error(`${left.key} is there on ${this.#node}, and its lease ${lease} is not`);
  }

  #takeEvents(): void {
    for (let next = this.#stream.next(); next !== undefined; next = this.#stream.next()) {
      if (next === "working" || next.kind === "progress") continue;
      if (next.kind === "compacted") {
        this.#cover("watches compacted");
        this.#next = next.compactRevision;
        this.#stream.watch({ ...ALL_KEYS, startRevision: this.#next });
        continue;
      }
      for (const revision of new Set(next.batch.events.map(({ kv }) => kv.modRevision))) {
        const events = next.batch.events.filter(({ kv }) => kv.modRevision === revision);
        if (revision !== this.#next) {
          throw new Error(`${this.#node}'s watch was told ${revision}, due is ${this.#next}`);
        }
        this.#next = revision + 1;
        this.#oracle.showEvents(this.#node, revision, JSON.stringify(events));
        this.#cover("revisions watched");
      }
    }
  }
}
