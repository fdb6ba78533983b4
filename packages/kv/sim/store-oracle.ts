import type { Committed } from "@quorate/replication";
import { KvStateMachine } from "../src/index.ts";

/** What the store's state is after each entry of the log, as far as any node has shown it. */
export class StoreOracle {
  readonly #hashes = new Map<number, { readonly hash: string; readonly node: string }>();

  /** On `node`, the state after the entry at `index` has this hash. @throws where another's differs. */
  show(node: string, index: number, hash: string): void {
    const known = this.#hashes.get(index);
    if (!known) this.#hashes.set(index, { hash, node });
    else if (known.hash !== hash) {
      const states = `${hash} on ${node}, ${known.hash} on ${known.node}`;
      throw new Error(`the state after entry ${index} is ${states}`);
    }
  }
}

/** A store that shows its state after each entry to the oracle. */
export class WatchedStore extends KvStateMachine {
  readonly #node: string;
  readonly #oracle: StoreOracle;

  constructor(node: string, oracle: StoreOracle) {
    super();
    this.#node = node;
    this.#oracle = oracle;
  }

  override apply(entries: readonly Committed[]): Uint8Array[] {
    return entries.flatMap((entry) => {
      const results = super.apply([entry]);
      this.#oracle.show(this.#node, entry.index, this.hash());
      return results;
    });
  }
}
