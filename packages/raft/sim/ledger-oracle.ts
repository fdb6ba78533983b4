import { Ledger } from "@quorate/replication/compliance";
import type { Committed } from "@quorate/replication";

/** What every node's state must be a beginning of, as far as any node has shown it. */
export class LedgerOracle {
  readonly #lines: string[] = [];
  readonly #placeOf = new Map<string, number>();
  /** Commands whose session ended while nobody knew of their outcome: they may be there twice. */
  readonly #unsure = new Set<string>();

  get length(): number {
    return this.#lines.length;
  }

  /** The client lost the session in which a command may have been applied. */
  mayComeTwice(command: string): void {
    this.#unsure.add(command);
  }

  /** A node shows that `line` stands at `place`, from 0. */
  show(node: string, place: number, line: string): void {
    const known = this.#lines[place];
    if (known === line) return;
    if (known !== undefined) {
      throw new Error(`${node} has "${line}" as line ${place}, and others have "${known}"`);
    }
    if (place > this.#lines.length) {
      throw new Error(`${node} has a line ${place}, and nobody has line ${this.#lines.length}`);
    }
    const before = this.#placeOf.get(line);
    if (before !== undefined && !this.#unsure.has(line)) {
      throw new Error(`${node} applied "${line}" twice, as lines ${before} and ${place}`);
    }
    this.#lines.push(line);
    this.#placeOf.set(line, place);
  }

  /** A client was told that its command is line `number`, from 1. */
  acknowledged(command: string, number: number): void {
    const line = this.#lines[number - 1];
    if (line === command) return;
    throw new Error(`"${command}" was acknowledged as line ${number}, which is "${line}"`);
  }
}

/** A ledger that shows each of its lines to the oracle. */
export class WatchedLedger extends Ledger {
  readonly #node: string;
  readonly #oracle: LedgerOracle;

  constructor(node: string, oracle: LedgerOracle) {
    super();
    this.#node = node;
    this.#oracle = oracle;
  }

  override apply(entries: readonly Committed[]): Uint8Array[] {
    const from = this.lines.length;
    const results = super.apply(entries);
    this.#show(from);
    return results;
  }

  override async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await super.restore(chunks);
    this.#show(0);
  }

  #show(from: number): void {
    for (let at = from; at < this.lines.length; at++) {
      this.#oracle.show(this.#node, at, this.lines[at]!);
    }
  }
}
