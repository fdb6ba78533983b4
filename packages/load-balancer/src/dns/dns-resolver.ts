import { Resolver } from "node:dns/promises";

/** One SRV record (RFC 2782). */
export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  /** 0 to 65535; the lowest is preferred. */
  readonly priority: number;
  /** 0 to 65535; 0 asks for a very small share. */
  readonly weight: number;
}

/** What polling needs of DNS. `Resolver` of `node:dns/promises` is one. */
export interface DnsResolver {
  resolve4(name: string): Promise<readonly string[]>;
  resolve6(name: string): Promise<readonly string[]>;
  resolveSrv(name: string): Promise<readonly SrvRecord[]>;
}

/**
 * Asks the servers of /etc/resolv.conf, past the hosts file and the thread pool of `dns.lookup`.
 * A query is given up after `timeoutMs`, tried at most twice.
 */
export function systemResolver(timeoutMs: number): DnsResolver {
  return new Resolver({ timeout: timeoutMs, tries: 2 });
}
