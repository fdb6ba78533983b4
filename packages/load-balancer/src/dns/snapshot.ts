import { isIPv6 } from "node:net";
import type { Endpoint } from "../endpoint.ts";
import type { DnsResolver, SrvRecord } from "./dns-resolver.ts";
import type { PollingOptions } from "./options.ts";

/** How many times the share of an SRV record of weight 0 goes into one of weight 1. */
const ZERO_WEIGHT_DIVISOR = 100;

/**
 * Asks once. Sorted by id and without duplicates, so that two answers with the same records are the
 * same snapshot, in whatever order a name server rotates them.
 *
 * @throws what the resolver rejected with; for `any` only when both kinds failed.
 */
export async function querySnapshot(
  resolver: DnsResolver,
  options: PollingOptions,
): Promise<readonly Endpoint[]> {
  const endpoints =
    options.records === "srv"
      ? fromServices(await resolver.resolveSrv(options.name), options.protocol)
      : (await addresses(resolver, options)).map((host) =>
          endpointAt(host, options.port, options.protocol),
        );
  const unique = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
  return [...unique.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Whether anything that a balancer sees differs. Both must come from `querySnapshot`. */
export function sameSnapshot(a: readonly Endpoint[], b: readonly Endpoint[]): boolean {
  return (
    a.length === b.length &&
    a.every((endpoint, at) => {
      const other = b[at];
      return (
        endpoint.id === other?.id &&
        endpoint.weight === other.weight &&
        endpoint.priority === other.priority
      );
    })
  );
}

async function addresses(
  resolver: DnsResolver,
  { name, records }: PollingOptions,
): Promise<readonly string[]> {
  if (records === "a") return await resolver.resolve4(name);
  if (records === "aaaa") return await resolver.resolve6(name);
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  if (v4.status === "rejected" && v6.status === "rejected") throw v4.reason;
  return [v4, v6].flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
}

/**
 * RFC 2782: the target "." says that the service is decidedly not available here. Priorities become
 * ranks from 0, since only their order means anything.
 */
function fromServices(
  records: readonly SrvRecord[],
  protocol: PollingOptions["protocol"],
): Endpoint[] {
  const available = records.filter(({ name }) => name !== "." && name !== "");
  const ranks = [...new Set(available.map(({ priority }) => priority))].sort((a, b) => a - b);
  return available.map((record) => ({
    ...endpointAt(record.name.replace(/\.$/, ""), record.port, protocol),
    weight: weightOf(record, available),
    priority: ranks.indexOf(record.priority),
  }));
}

/** A weight must be above 0: a 0 beside others becomes a hundredth of a 1; all zero are equal. */
function weightOf(record: SrvRecord, records: readonly SrvRecord[]): number {
  if (record.weight > 0) return record.weight;
  const rivals = records.some((other) => other.priority === record.priority && other.weight > 0);
  return rivals ? 1 / ZERO_WEIGHT_DIVISOR : 1;
}

function endpointAt(host: string, port: number, protocol: PollingOptions["protocol"]): Endpoint {
  const authority = isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
  return { id: authority, url: `${protocol}://${authority}`, host, port };
}
