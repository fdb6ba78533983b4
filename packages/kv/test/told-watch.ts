import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeWatchEvents, type KeyValue, type WatchMessage } from "../src/index.ts";
import type { NaiveStore, Version } from "./naive-store.ts";

/** What a watch asks for, every default filled in. */
export interface Request {
  readonly key: string;
  readonly rangeEnd: string;
  readonly startRevision: number;
  readonly prevKv: boolean;
  readonly noPuts: boolean;
  readonly noDeletes: boolean;
}

const key = fc.constantFrom("a", "aa", "b", "b/1", "c", "~");
export const arbitraryRequest: fc.Arbitrary<Request> = fc.record({
  key,
  rangeEnd: fc.option(fc.oneof(key, fc.constantFrom("", "\0")), { nil: "" }),
  startRevision: fc.oneof(fc.constant(0), fc.nat(20)),
  prevKv: fc.boolean(),
  noPuts: fc.option(fc.constant(true), { nil: false, freq: 2 }),
  noDeletes: fc.option(fc.constant(true), { nil: false, freq: 2 }),
});
/** What a watch was told, checked as it comes. */
export class ToldWatch {
  readonly request: Request;
  readonly from: number;
  readonly events: { kind: string; kv: Version; prevKv: Version | undefined }[] = [];
  compactedAt: number | undefined;
  #mayGoOn = false;

  constructor(from: Request, revision: number) {
    this.request = from;
    this.from = from.startRevision || revision + 1;
  }

  take(message: WatchMessage, naive: NaiveStore): void {
    assert.equal(this.compactedAt, undefined);
    if (message.kind === "compacted") {
      this.compactedAt = message.compactRevision;
      assert.equal(message.compactRevision, naive.compactRevision);
      return;
    }
    if (message.kind === "progress") {
      const due = this.expected(naive).filter(({ kv }) => kv.modRevision <= message.revision);
      assert.ok(this.events.length >= due.length);
      return;
    }
    const events = decodeWatchEvents(message.batch.encode()).map(({ kind, kv, prevKv }) => ({
      kind,
      kv: inText(kv),
      prevKv: prevKv && inText(prevKv),
    }));
    const last = this.events.at(-1)?.kv.modRevision;
    // A revision is begun anew, or gone on with where that was said.
    if (events[0]!.kv.modRevision === last) assert.equal(this.#mayGoOn, true);
    this.#mayGoOn = message.isFragment;
    assert.ok(message.revision >= events.at(-1)!.kv.modRevision);
    this.events.push(...events);
  }

  expected(naive: NaiveStore): { kind: string; kv: Version }[] {
    const { key: first, rangeEnd, noPuts, noDeletes } = this.request;
    return naive.versions
      .filter((each) => each.modRevision >= this.from)
      .filter((each) =>
        rangeEnd === ""
          ? each.key === first
          : each.key >= first && (rangeEnd === "\0" || each.key < rangeEnd),
      )
      .filter(({ version }) => !(version === 0 ? noDeletes : noPuts))
      .map((kv) => ({ kind: kv.version === 0 ? "delete" : "put", kv }));
  }

  finish(naive: NaiveStore): void {
    const expected = this.expected(naive);
    const told = this.events.map(({ kind, kv }) => ({ kind, kv }));
    if (this.compactedAt === undefined) assert.deepEqual(told, expected);
    else {
      assert.deepEqual(told, expected.slice(0, told.length));
      // Reliable: it was not ended for what it had been told.
      const next = (this.events.at(-1)?.kv.modRevision ?? this.from - 1) + 1;
      assert.ok(next < this.compactedAt);
      // Atomic: whole revisions up to the end.
      assert.notEqual(expected[told.length]?.kv.modRevision, told.at(-1)?.kv.modRevision ?? -1);
    }
    for (const { kv, prevKv } of this.events) this.#checkBefore(kv, prevKv, naive);
  }

  #checkBefore(kv: Version, prevKv: Version | undefined, naive: NaiveStore): void {
    const before = naive.kvsAt(kv.modRevision - 1).find((each) => each.key === kv.key);
    if (!this.request.prevKv) assert.equal(prevKv, undefined);
    else if (prevKv) assert.deepEqual(prevKv, before);
    else if (kv.modRevision - 1 >= naive.compactRevision) assert.equal(before, undefined);
  }
}

function inText(kv: KeyValue): Version {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
  return { ...kv, key: text(kv.key), value: text(kv.value) };
}
