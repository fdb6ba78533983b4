import { ByteWriter } from "../codec/byte-writer.ts";
import { writeKeyValue } from "../codec/encode-result.ts";
import type { StoreView } from "../engine/store-engine.ts";
import type { Entry } from "../history/entry.ts";
import { KvError } from "../kv-error.ts";
import type { Lease } from "../lease/lease-table.ts";
import { BLOCK, MAX_BLOCK_BYTES } from "../store/snapshot-format.ts";
import { StateHash } from "../store/state-hash.ts";
import type { Standing, Store } from "../store/store.ts";
import { block, many } from "../store/write-blocks.ts";
import { BACKUP_MAGIC, BACKUP_VERSION } from "./backup-format.ts";

/** A part of a backup: to be read once, and then to its end, in chunks of some 128 KiB. */
export interface BackupPart extends AsyncIterable<Uint8Array> {
  /** The first revision that it has; 0 is all that the store has. */
  readonly fromRevision: number;
  /** The last one. The next part begins after it. */
  readonly revision: number;
}

interface Moment {
  readonly view: StoreView;
  readonly leases: readonly Lease[];
  readonly standing: Standing;
}

/** @throws {KvError} `compacted`, `future-revision`. */
export function exportBackup(store: Store, fromRevision: number): BackupPart {
  const { revision, compactRevision } = store;
  if (fromRevision > 0 && fromRevision < compactRevision) {
    const why = `revisions before ${compactRevision} are compacted: begin anew, at 0`;
    throw new KvError("compacted", why, { compactRevision });
  }
  if (fromRevision > revision + 1) {
    throw new KvError("future-revision", `revision ${fromRevision} is above ${revision} + 1`);
  }
  const moment = {
    view: store.engine.view(),
    leases: store.leases.all(),
    standing: store.standing,
  };
  const chunks = blocks(moment, fromRevision);
  return { fromRevision, revision, [Symbol.asyncIterator]: () => chunks };
}

async function* blocks(moment: Moment, fromRevision: number): AsyncGenerator<Uint8Array> {
  const { view, leases, standing } = moment;
  const writer = new ByteWriter(MAX_BLOCK_BYTES, "result-too-large");
  const hash = new StateHash();
  let versions = 0;
  const writeEntry = (entry: Entry): void => {
    versions++;
    hash.add(entry);
    writeKeyValue(writer, entry);
  };
  try {
    yield block(writer, () => {
      writer.byte(BLOCK.header);
      writer.byteString(BACKUP_MAGIC);
      writer.byte(BACKUP_VERSION);
      const { revision, compactRevision, sweptRevision, isFull } = standing;
      for (const number of [fromRevision, revision, compactRevision, sweptRevision]) {
        writer.varint(number);
      }
      writer.byte(isFull ? 1 : 0);
    });
    yield* many(writer, BLOCK.leases, leases, ({ id, ttlSeconds }) => {
      writer.varint(id);
      writer.varint(ttlSeconds);
    });
    if (fromRevision === 0) yield* many(writer, BLOCK.base, view.base(), writeEntry);
    yield* many(writer, BLOCK.changes, view.changes(fromRevision), writeEntry);
    yield block(writer, () => {
      writer.byte(BLOCK.trailer);
      writer.varint(versions);
      writer.byteString(hash.digest([versions]));
    });
  } finally {
    view.release();
  }
}
