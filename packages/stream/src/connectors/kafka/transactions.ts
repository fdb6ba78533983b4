import { endTxnV3, initProducerIdV3, listTransactionsV0 } from "@platformatic/kafka";
import { StreamError } from "../../stream-error.ts";
import type { KafkaClient } from "./kafka-client.ts";

/** Which transaction, as any program can end it while it is open: plain data, for checkpoints. */
export interface TransactionName {
  readonly transactionalId: string;
  /** In decimal. */
  readonly producerId: string;
  readonly epoch: number;
}

/**
 * Takes a transactional id over: aborts what it has open, and fences whoever had it. Without an id:
 * a producer whose requests can be repeated without their records being written twice.
 */
export async function startProducer(
  client: KafkaClient,
  transactionalId: string | null,
  timeoutMs: number,
): Promise<Omit<TransactionName, "transactionalId">> {
  return client.retrying(`starting producer ${transactionalId ?? ""}`, async () => {
    const [any] = await client.allBrokers();
    const connection =
      transactionalId === null
        ? await client.connectionTo(any as number)
        : await client.coordinatorOf("TRANSACTION", transactionalId);
    const { producerId, producerEpoch: epoch } = await initProducerIdV3.api.async(
      ...([connection, transactionalId, timeoutMs, -1n, -1] as const),
    );
    return { producerId: String(producerId), epoch };
  });
}

/**
 * Commits or aborts a transaction, also one of a program that is no more; when it resolves, readers
 * see that. No effect on one that ended the same way, as long as its transactional id was not taken
 * over.
 *
 * @throws {StreamError} `fenced`: it was taken over, or its time was over; `unavailable`
 */
export async function endTransaction(
  client: KafkaClient,
  { transactionalId, producerId, epoch }: TransactionName,
  end: "commit" | "abort",
): Promise<void> {
  const id = BigInt(producerId);
  const ask = (): Promise<void> =>
    client.retrying(`${end} of ${transactionalId}`, async () => {
      const connection = await client.coordinatorOf("TRANSACTION", transactionalId);
      const isCommit = end === "commit";
      await endTxnV3.api.async(connection, transactionalId, id, epoch, isCommit);
    });
  await ask();
  try {
    // The answer came when it was decided. To be asked again is refused until partitions tell it.
    await ask();
  } catch (error) {
    // Decided it is, and whoever took the id over has waited for it.
    if (!(error instanceof StreamError && error.code === "fenced")) throw error;
  }
}

/** All transactional ids of a prefix (`prefix/subtask/number`) that brokers know of. */
export async function transactionalIds(
  client: KafkaClient,
  prefix: string,
): Promise<readonly string[]> {
  const isOurs = (id: string): boolean =>
    id.startsWith(`${prefix}/`) && /^\d+\/\d+$/.test(id.slice(prefix.length + 1));
  return client.retrying(`transactions of ${prefix}`, async () => {
    const ids: string[] = [];
    for (const broker of await client.allBrokers()) {
      const connection = await client.connectionTo(broker);
      const found = await listTransactionsV0.api.async(connection, [], [], -1n, null);
      ids.push(...found.transactionStates.map((state) => state.transactionalId));
    }
    return ids.filter(isOurs);
  });
}
