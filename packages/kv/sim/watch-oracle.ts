import type { Entry, KeyRange, WatchEvent } from "../src/index.ts";
import { isInRange, toByteString } from "../src/byte-string.ts";

interface Watched extends KeyRange {
  readonly noPuts?: boolean;
  readonly noDeletes?: boolean;
}

/** Some of what a watch was told: all that happened in these revisions. */
interface Told {
  readonly from: number;
  readonly upTo: number;
  readonly events: readonly WatchEvent[];
}

/** What every revision wrote, as the first replica that had it says; watches must tell just that. */
export class WatchOracle {
  readonly #entries = new Map<number, readonly Entry[]>();
  readonly #byKey = new Map<string, Entry[]>();

  wrote(revision: number, entries: readonly Entry[]): void {
    if (this.#entries.has(revision)) return;
    this.#entries.set(revision, entries);
    for (const entry of entries) {
      const versions = this.#byKey.get(entry.key) ?? [];
      this.#byKey.set(entry.key, [...versions, entry]);
    }
  }

  /** @throws where a watch was told anything but what was written. */
  check(name: string, watched: Watched, { from, upTo, events }: Told): void {
    const due: string[] = [];
    const [key, rangeEnd] = [toByteString(watched.key), toByteString(watched.rangeEnd)];
    for (let revision = from; revision <= upTo; revision++) {
      for (const entry of this.#entries.get(revision) ?? []) {
        const isWanted = entry.version === 0 ? !watched.noDeletes : !watched.noPuts;
        if (isWanted && isInRange(entry.key, key, rangeEnd)) due.push(inText(entry));
      }
    }
    const told = events.map(({ kv }) => inText({ ...kv, ...textOf(kv) }));
    if (due.join() !== told.join()) {
      const range = `revisions ${from} to ${upTo}`;
      throw new Error(`of ${range}, ${name} was told\n${told.join()}\nand not\n${due.join()}`);
    }
    for (const event of events) this.#checkBefore(name, event);
  }

  #checkBefore(name: string, { kv, prevKv }: WatchEvent): void {
    if (!prevKv) return;
    const versions = this.#byKey.get(textOf(kv).key) ?? [];
    const before = versions.findLast(({ modRevision }) => modRevision < kv.modRevision);
    const told = inText({ ...prevKv, ...textOf(prevKv) });
    if (before && inText(before) === told) return;
    throw new Error(`before ${kv.modRevision}, ${name} was told that there was ${told}`);
  }
}

function textOf({ key, value }: WatchEvent["kv"]): Pick<Entry, "key" | "value"> {
  return { key: toByteString(key), value: toByteString(value) };
}

function inText({ key, value, modRevision, version, lease }: Entry): string {
  return `${key}=${value}@${modRevision}(${version},${lease})`;
}
