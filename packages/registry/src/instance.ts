import { requireThat } from "./registry-error.ts";

/**
 * - `passing`: may get requests.
 * - `warning`: may get requests, and somebody should look.
 * - `critical`: gets none.
 */
export type Health = "passing" | "warning" | "critical";

/** What a process says of itself. */
export interface ServiceInstance {
  /** 1 to 64 letters, digits, dots, underscores and hyphens. */
  readonly service: string;
  /** Unique within the service: 1 to 128 of the same, colons and at signs. */
  readonly id: string;
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** For HTTP: scheme, host and port. */
  readonly url?: string;
  /** Its share relative to the others', above 0. */
  readonly weight?: number;
  readonly zone?: string;
  /** A whole number from 0, the most preferred. */
  readonly priority?: number;
  /** Of the program, as its makers count. */
  readonly version?: string;
  /** At most 64 KiB as JSON, with all the rest. No secrets: whoever reads the store reads them. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What a check, or the process itself, said last. */
export interface CheckReport {
  readonly health: Health;
  /** At most 200 characters: why. */
  readonly note: string;
}

/** An instance as others see it. */
export interface Instance extends ServiceInstance {
  /** The worst of its checks and of its own word. */
  readonly health: Health;
  /** By the checks' names; its own word is `self`. */
  readonly checks: Readonly<Record<string, CheckReport>>;
}

/** Larger records are refused. */
export const MAX_RECORD_BYTES = 65_536;
const SERVICE = /^[\w.-]{1,64}$/;
const ID = /^[\w.:@-]{1,128}$/;

/** @throws {RegistryError} `invalid-option`. */
export function requireService(service: string): void {
  requireThat(
    SERVICE.test(service),
    `service must be 1 to 64 letters, digits, ".", "_" and "-", not ${JSON.stringify(service)}`,
  );
}

/** @throws {RegistryError} `invalid-option`. */
export function requireInstance({ service, id, port, weight, priority }: ServiceInstance): void {
  requireService(service);
  requireThat(
    ID.test(id),
    `id must be 1 to 128 letters, digits and "._:@-", not ${JSON.stringify(id)}`,
  );
  requireThat(
    Number.isInteger(port) && port >= 1 && port <= 65_535,
    `port must be a whole number from 1 to 65535, not ${port}`,
  );
  requireThat(
    weight === undefined || (weight > 0 && Number.isFinite(weight)),
    `weight must be above 0 and finite, not ${weight}`,
  );
  requireThat(
    priority === undefined || (Number.isSafeInteger(priority) && priority >= 0),
    `priority must be a whole number from 0, not ${priority}`,
  );
}

const RANK: Readonly<Record<Health, number>> = { passing: 0, warning: 1, critical: 2 };

/** The worst of them; `passing` where there are none. */
export function worst(reports: Iterable<CheckReport>): Health {
  let found: Health = "passing";
  for (const { health } of reports) if (RANK[health] > RANK[found]) found = health;
  return found;
}
