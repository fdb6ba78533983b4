import type { Transport, TransportStream } from "@quorate/transport";
import { ByteReader } from "../byte-reader.ts";
import { ByteWriter } from "../byte-writer.ts";
import { ChunkSource } from "../chunk-source.ts";
import { ReplicationError } from "../replication-error.ts";
import type { LogPosition } from "./log-position.ts";
import { type SnapshotSummary, verified } from "./snapshot-file.ts";
import type { SnapshotStore } from "./snapshot-store.ts";

/** What a leader of `term` offers: its snapshot, which ends at `last`. */
export interface SnapshotOffer {
  readonly term: number;
  readonly last: LogPosition;
}

const VERSION = 1;
/** A version byte; then, as numbers, the offer's three and the summary's two. */
const HEAD_BYTES = 1 + 5 * 8;

/** The snapshots that come and go, one each way and peer at a time. */
export class SnapshotTransfer {
  readonly #transport: Transport;
  readonly #protocol: string;
  readonly #store: SnapshotStore;
  readonly #stopped = new AbortController();
  #receiving:
    | { readonly from: string; readonly term: number; readonly stream: TransportStream }
    | undefined;

  constructor(transport: Transport, protocol: string, store: SnapshotStore) {
    this.#transport = transport;
    this.#protocol = protocol;
    this.#store = store;
  }

  /** Sends the newest snapshot. Resolves to its place once the other side has it on its disk. */
  async send(to: string, term: number): Promise<LogPosition> {
    const { signal } = this.#stopped;
    const snapshot = await this.#store.open();
    if (!snapshot)
      throw new ReplicationError("damaged", "the log is compacted and there is no snapshot");
    const { position, file } = snapshot;
    try {
      const stream = await this.#transport.openStream(to, this.#protocol, { signal });
      try {
        await stream.write(head({ term, last: position }, file.summary));
        for await (const chunk of file.read()) await stream.write(chunk);
        await stream.end();
        // The other side ends its half when it has kept the snapshot, and resets it when it did not.
        for await (const _ of stream);
      } catch (error) {
        // Else the other side would wait for the rest, and take no other snapshot meanwhile.
        stream.reset("the sender failed");
        throw error;
      }
      return position;
    } finally {
      await file.close();
    }
  }

  /**
   * Takes a snapshot that `wants` would have, and hands the offer over once it is on disk. One at a
   * time; that of a later leader takes the place of one that may have stalled.
   */
  async receive(
    from: string,
    stream: TransportStream,
    wants: (offer: SnapshotOffer) => boolean,
    take: (from: string, offer: SnapshotOffer) => void,
  ): Promise<void> {
    const source = new ChunkSource(stream);
    const { offer, bodyBytes, checksum } = await readHead(source);
    if (!wants(offer)) return stream.reset("this snapshot is not needed");
    const current = this.#receiving;
    if (current && current.from !== from && current.term >= offer.term) {
      return stream.reset("another snapshot is being received");
    }
    current?.stream.reset("another snapshot has come");
    const receiving = { from, term: offer.term, stream };
    this.#receiving = receiving;
    try {
      const body = exactly(bodyBytes, source.rest(), from);
      await this.#store.save(offer.last, verified(body, checksum, from));
      take(from, offer);
      await stream.end();
    } finally {
      if (this.#receiving === receiving) this.#receiving = undefined;
    }
  }

  stop(): void {
    this.#stopped.abort(new ReplicationError("stopped", "the node was stopped"));
  }
}

function head({ term, last }: SnapshotOffer, { bodyBytes, checksum }: SnapshotSummary): Uint8Array {
  return new ByteWriter(HEAD_BYTES)
    .byte(VERSION)
    .number(term)
    .number(last.index)
    .number(last.term)
    .number(bodyBytes)
    .number(checksum)
    .finish();
}

async function readHead(
  source: ChunkSource,
): Promise<SnapshotSummary & { readonly offer: SnapshotOffer }> {
  const reader = new ByteReader(await source.take(HEAD_BYTES));
  const version = reader.byte();
  const [term, index, lastTerm, bodyBytes, checksum] = Array.from({ length: 5 }, () =>
    reader.number(),
  ) as [number, number, number, number, number];
  const isSound =
    version === VERSION && [term, index, lastTerm, bodyBytes, checksum].every(isCount);
  if (!isSound) throw new ReplicationError("damaged", "a snapshot's stream begins with no offer");
  return { offer: { term, last: { index, term: lastTerm } }, bodyBytes, checksum };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Passes on exactly so many bytes; more or fewer are damage. */
async function* exactly(
  length: number,
  chunks: AsyncIterable<Uint8Array>,
  from: string,
): AsyncIterable<Uint8Array> {
  let left = length;
  for await (const chunk of chunks) {
    left -= chunk.length;
    if (left < 0) break;
    yield chunk;
  }
  if (left !== 0)
    throw new ReplicationError("damaged", `the snapshot from ${from} has another length`);
}
