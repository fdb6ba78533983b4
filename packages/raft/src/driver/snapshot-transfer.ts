import { ChunkSource } from "@quorate/replication";
import type { Transport, TransportStream } from "@quorate/transport";
import type { LogPosition } from "../core/log-position.ts";
import type { InstallSnapshot } from "../core/message.ts";
import { decodeMessage, encodeMessage } from "../core/message-codec.ts";
import { RaftError } from "../raft-error.ts";
import { verified } from "../storage/snapshot-file.ts";
import type { SnapshotStore } from "../storage/snapshot-store.ts";

/** Length of the message (32 bits), of the body (64-bit float), and the body's CRC-32. */
const HEAD_BYTES = 16;
const MAX_MESSAGE_BYTES = 1024;

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
    if (!snapshot) throw new RaftError("damaged", "the log is compacted and there is no snapshot");
    const { position, file } = snapshot;
    try {
      const stream = await this.#transport.openStream(to, this.#protocol, { signal });
      try {
        await stream.write(head({ type: "install-snapshot", term, last: position }, file.summary));
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
   * Takes a snapshot that `wants` would have, and hands its message over once it is on disk. One at a
   * time; that of a later leader takes the place of one that may have stalled.
   */
  async receive(
    from: string,
    stream: TransportStream,
    wants: (message: InstallSnapshot) => boolean,
    take: (from: string, message: InstallSnapshot) => void,
  ): Promise<void> {
    const source = new ChunkSource(stream);
    const { message, bodyBytes, checksum } = await readHead(source);
    if (!wants(message)) return stream.reset("this snapshot is not needed");
    const current = this.#receiving;
    if (current && current.from !== from && current.term >= message.term) {
      return stream.reset("another snapshot is being received");
    }
    current?.stream.reset("another snapshot has come");
    const receiving = { from, term: message.term, stream };
    this.#receiving = receiving;
    try {
      const body = exactly(bodyBytes, source.rest(), from);
      await this.#store.save(message.last, verified(body, checksum, from));
      take(from, message);
      await stream.end();
    } finally {
      if (this.#receiving === receiving) this.#receiving = undefined;
    }
  }

  stop(): void {
    this.#stopped.abort(new RaftError("not-started", "the node was stopped"));
  }
}

function head(
  message: InstallSnapshot,
  { bodyBytes, checksum }: { readonly bodyBytes: number; readonly checksum: number },
): Uint8Array {
  const encoded = encodeMessage(message);
  const bytes = new Uint8Array(HEAD_BYTES + encoded.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, encoded.length, true);
  view.setFloat64(4, bodyBytes, true);
  view.setUint32(12, checksum, true);
  bytes.set(encoded, HEAD_BYTES);
  return bytes;
}

async function readHead(source: ChunkSource): Promise<{
  readonly message: InstallSnapshot;
  readonly bodyBytes: number;
  readonly checksum: number;
}> {
  const bytes = await source.take(HEAD_BYTES);
  const view = new DataView(bytes.buffer);
  const length = view.getUint32(0, true);
  const message =
    length <= MAX_MESSAGE_BYTES ? decodeMessage(await source.take(length)) : undefined;
  if (message?.type === "install-snapshot") {
    return { message, bodyBytes: view.getFloat64(4, true), checksum: view.getUint32(12, true) };
  }
  throw new RaftError("damaged", "a snapshot's stream begins with something else");
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
  if (left !== 0) throw new RaftError("damaged", `the snapshot from ${from} has another length`);
}
