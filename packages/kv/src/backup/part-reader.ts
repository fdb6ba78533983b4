import { ByteReader } from "../codec/byte-reader.ts";
import type { Entry } from "../history/entry.ts";
import { KvError } from "../kv-error.ts";
import type { Lease } from "../lease/lease-table.ts";
import { readBlocks } from "../store/read-blocks.ts";
import { BLOCK } from "../store/snapshot-format.ts";
import { StateHash } from "../store/state-hash.ts";
import type { Standing } from "../store/store.ts";
import { BACKUP_MAGIC, BACKUP_VERSION } from "./backup-format.ts";

interface PartHeader extends Standing {
  readonly fromRevision: number;
}

interface Versions {
  readonly kind: "base" | "changes";
  readonly payload: ByteReader;
}

/** Reads one part of a backup: first its header and leases, then, when it is its turn, the rest. */
export class PartReader {
  readonly leases: Lease[] = [];
  readonly #blocks: AsyncGenerator<Uint8Array>;
  readonly #hash = new StateHash();
  #header: PartHeader | undefined;
  #versions = 0;
  /** The first block that is not of leases. */
  #next: { readonly kind: number; readonly payload: ByteReader } | undefined;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#blocks = readBlocks(chunks);
  }

  get header(): PartHeader {
    return this.#header!;
  }

  async begin(): Promise<PartHeader> {
    const { kind, payload } = await this.#block();
    if (kind !== BLOCK.header) throw corrupt("it does not begin with a header");
    this.#header = readHeader(payload);
    this.#next = await this.#block();
    while (this.#next.kind === BLOCK.leases) {
      const leases = this.#next.payload;
      while (leases.remaining > 0) {
        this.leases.push({ id: leases.varint(), ttlSeconds: leases.varint() });
      }
      this.#next = await this.#block();
    }
    return this.#header;
  }

  /** The blocks of versions; whoever takes them must `count` each. Checks the trailer in the end. */
  async *versions(): AsyncGenerator<Versions> {
    let { kind, payload } = this.#next!;
    for (let before = 0; kind !== BLOCK.trailer; { kind, payload } = await this.#block()) {
      const mayBeBase = this.header.fromRevision === 0 && before !== BLOCK.changes;
      const isBase = kind === BLOCK.base && mayBeBase;
      if (!isBase && kind !== BLOCK.changes) throw corrupt(`a block of kind ${kind} out of place`);
      before = kind;
      yield { kind: isBase ? "base" : "changes", payload };
    }
    const versions = payload.varint();
    if (versions !== this.#versions || payload.byteString() !== this.#hash.digest([versions])) {
      throw corrupt("its versions are not those that were written");
    }
    payload.end();
    if (!(await this.#blocks.next()).done) throw corrupt("it goes on after its end");
  }

  count(entry: Entry): void {
    this.#versions++;
    this.#hash.add(entry);
  }

  async close(): Promise<void> {
    await this.#blocks.return(undefined);
  }

  async #block(): Promise<{ readonly kind: number; readonly payload: ByteReader }> {
    const { done, value } = await this.#blocks.next();
    if (done) throw new KvError("truncated", "the backup ends before its final mark");
    const payload = new ByteReader(value);
    return { kind: payload.byte(), payload };
  }
}

function readHeader(payload: ByteReader): PartHeader {
  if (payload.byteString() !== BACKUP_MAGIC) throw corrupt("it is of something else");
  const version = payload.byte();
  if (version !== BACKUP_VERSION) {
    throw new KvError("unsupported-version", `backup version ${version}`);
  }
  const [fromRevision, revision] = [payload.varint(), payload.varint()];
  const [compactRevision, sweptRevision] = [payload.varint(), payload.varint()];
  const isFull = payload.oneOf([false, true]);
  payload.end();
  return { fromRevision, revision, compactRevision, sweptRevision, isFull };
}

function corrupt(why: string): KvError {
  return new KvError("corrupt", `the backup is damaged: ${why}`);
}
