import { StreamError } from "../../stream-error.ts";
import type { KafkaClient } from "./kafka-client.ts";
import { committedOffset, type TopicPartition } from "./offsets.ts";
import {
  endTransaction,
  startProducer,
  transactionalIds,
  type TransactionName,
} from "./transactions.ts";

/**
 * A transaction that is all with the brokers and still open there. It holds its own evidence: an
 * offset, of a group that is named as its transactional id, whose metadata names it.
 */
export interface PreparedTransaction extends TransactionName {
  readonly checkpointId: number;
  /** Of the offset that is the evidence. */
  readonly topic: string;
}

/**
 * Commits what the checkpoint promised and aborts all else of the prefix. What is open elsewhere of
 * it (a run that is thought dead) can write nothing more.
 *
 * @throws {StreamError} `transaction-lost`: the broker aborted one because its time was over
 */
export async function recoverTransactions(
  client: KafkaClient,
  prefix: string,
  prepared: readonly PreparedTransaction[],
  timeoutMs: number,
): Promise<void> {
  for (const transaction of prepared) await commitPrepared(client, transaction);
  const ids = new Set(await transactionalIds(client, prefix));
  for (const { transactionalId } of prepared) ids.add(transactionalId);
  await Promise.all([...ids].map((id) => startProducer(client, id, timeoutMs)));
}

/** No effect if it is committed: also when its transactional id was used again since. */
export async function commitPrepared(
  client: KafkaClient,
  transaction: PreparedTransaction,
): Promise<void> {
  if (await isKnownCommitted(client, transaction)) return;
  try {
    await endTransaction(client, transaction, "commit");
  } catch (error) {
    if (!(error instanceof StreamError) || error.code !== "fenced") throw error;
    if (await isKnownCommitted(client, transaction)) return;
    const { transactionalId, checkpointId } = transaction;
    throw new StreamError(
      "transaction-lost",
      `the broker no longer has the transaction ${transactionalId} of checkpoint ${checkpointId}: ` +
        "it was open for longer than transactionTimeoutMs, or another program uses its prefix",
      { cause: error },
    );
  }
}

export function evidenceOf({ topic }: PreparedTransaction): ReadonlyMap<TopicPartition, number> {
  return new Map([[{ topic, partition: 0 }, 0]]);
}

export function evidenceText({ producerId, epoch, checkpointId }: PreparedTransaction): string {
  return `${producerId}/${epoch}/${checkpointId}`;
}

/**
 * Whether the last evidence is of this transaction or of a later one: a transactional id is used
 * again by a run only after its transaction was committed, and by a later run only after `recover`.
 */
async function isKnownCommitted(
  client: KafkaClient,
  transaction: PreparedTransaction,
): Promise<boolean> {
  const { topic, transactionalId, producerId, epoch, checkpointId } = transaction;
  const found = await committedOffset(client, transactionalId, { topic, partition: 0 });
  const [ofProducer, ofEpoch = -1, ofCheckpoint = -1] = (found?.metadata ?? "").split("/");
  if (ofProducer !== producerId) return false;
  const isSameEpoch = Number(ofEpoch) === epoch;
  return isSameEpoch ? Number(ofCheckpoint) >= checkpointId : Number(ofEpoch) > epoch;
}
