import type { Endpoint } from "@quorate/load-balancer";
import { Pool } from "undici";

interface PoolOfService {
  readonly origin: string;
  readonly pool: Pool;
}

/** A pool of connections to each service that is there. */
export class ServicePools {
  readonly #pools = new Map<string, PoolOfService>();
  readonly #options: Pool.Options;

  constructor(options: Pool.Options) {
    this.#options = options;
  }

  /** To where the service is now: one that is back somewhere else gets another. */
  to({ id, host, port }: Endpoint): Pool {
    const origin = `http://${host}:${port}`;
    const found = this.#pools.get(id);
    if (found?.origin === origin) return found.pool;
    this.retire(id);
    const pool = new Pool(origin, this.#options);
    this.#pools.set(id, { origin, pool });
    return pool;
  }

  /** Closes its connections after their last answers. */
  retire(id: string): void {
    void this.#pools.get(id)?.pool.close();
    this.#pools.delete(id);
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(({ pool }) => pool.close()));
  }
}
