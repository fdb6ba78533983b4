import { readFile } from "node:fs/promises";
import { ClusterError } from "../cluster-error.ts";
import type { OrderRequest } from "./order.ts";
import { orderFault } from "./order-schema.ts";

/**
 * Reads a file with an order a line, as JSON; empty lines are passed over.
 *
 * @throws {ClusterError} `bad-input`, with the number of the first line that is not an order.
 */
export async function readOrderFile(path: string): Promise<OrderRequest[]> {
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw new ClusterError("bad-input", `cannot read ${path}: ${cause.message}`, { cause });
  });
  const orders = text
    .split("\n")
    .map((line, at) => (line.trim() === "" ? undefined : order(line, `${path}:${at + 1}`)))
    .filter((found) => found !== undefined);
  if (orders.length === 0) throw new ClusterError("bad-input", `${path} has no order in it`);
  return orders;
}

function order(line: string, place: string): OrderRequest {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new ClusterError("bad-input", `${place}: not JSON: ${reason}`, { cause });
  }
  const fault = orderFault(value);
  if (fault !== undefined) throw new ClusterError("bad-input", `${place}: ${fault}`);
  return value as OrderRequest;
}
