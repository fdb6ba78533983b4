import type { DiscoveredInstance } from "../core/service-view.ts";
import type { Health } from "../instance.ts";
import type { ServiceWatch } from "./service-watch.ts";

/** An instance in the words of `@quorate/load-balancer`'s `Endpoint`. */
export interface ServiceEndpoint {
  readonly id: string;
  readonly url?: string;
  readonly host: string;
  readonly port: number;
  readonly weight?: number;
  readonly zone?: string;
  readonly priority?: number;
  /** The instance's; its version is `version`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const ALLOWED: Readonly<Record<Health, readonly Health[]>> = {
  passing: ["passing"],
  warning: ["passing", "warning"],
  critical: ["passing", "warning", "critical"],
};

/**
 * The snapshots as lists of endpoints; one that is like the last is left out. Not a generator: one that
 * waits could not be ended.
 */
export class ServiceEndpoints implements AsyncIterableIterator<readonly ServiceEndpoint[]> {
  readonly #snapshots: ServiceWatch;
  readonly #allowed: readonly Health[];
  #told: string | undefined;

  constructor(snapshots: ServiceWatch, worstHealth: Health) {
    this.#snapshots = snapshots;
    this.#allowed = ALLOWED[worstHealth];
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<readonly ServiceEndpoint[]>> {
    for (;;) {
      const next = await this.#snapshots.next();
      if (next.done) return { done: true, value: undefined };
      const instances = next.value.instances;
      const endpoints = instances
        .filter(({ health }) => this.#allowed.includes(health))
        .map(endpointOf);
      const told = JSON.stringify(endpoints);
      if (told === this.#told) continue;
      this.#told = told;
      return { done: false, value: endpoints };
    }
  }

  async return(): Promise<IteratorResult<readonly ServiceEndpoint[]>> {
    await this.#snapshots.return();
    return { done: true, value: undefined };
  }
}

function endpointOf(instance: DiscoveredInstance): ServiceEndpoint {
  const { id, url, host, port, weight, zone, priority, version } = instance;
  const metadata = { ...instance.metadata, ...(version !== undefined && { version }) };
  return {
    id,
    ...(url !== undefined && { url }),
    host,
    port,
    ...(weight !== undefined && { weight }),
    ...(zone !== undefined && { zone }),
    ...(priority !== undefined && { priority }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  };
}
