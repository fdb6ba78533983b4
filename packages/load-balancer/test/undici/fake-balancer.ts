import {
  type Endpoint,
  type HealthEvent,
  type HealthEventType,
  type LoadBalancer,
  LoadBalancerError,
  type Outcome,
  type Pick,
  type PickContext,
} from "../../src/index.ts";

/** One pick and what became of it. */
export interface Picked {
  readonly id: string;
  readonly context: PickContext | undefined;
  firstByte: boolean;
  readonly outcomes: Outcome[];
}

/**
 * Picks in the order of its endpoints, the first one that is not excluded; writes down everything;
 * allows as many retries and hedges as it is told.
 */
export class FakeBalancer {
  readonly picked: Picked[] = [];
  endpointsNow: readonly Endpoint[];
  retriesLeft = 0;
  hedgesLeft = 0;
  hedgeDelayMs: number | undefined;
  hedgeWins = 0;
  begun = 0;
  refusal: LoadBalancerError | undefined;
  /** Those who wait in `acquire`. */
  readonly waiting: (() => void)[] = [];
  readonly #listeners = new Set<(event: HealthEvent) => void>();

  constructor(ports: readonly number[]) {
    this.endpointsNow = ports.map((port, at) => ({
      id: String.fromCharCode(97 + at),
      host: "127.0.0.1",
      port,
    }));
  }

  get balancer(): LoadBalancer {
    return this as unknown as LoadBalancer;
  }

  get inFlight(): number {
    return this.picked.filter(({ outcomes }) => outcomes.length === 0).length;
  }

  get outcomes(): (Outcome | undefined)[] {
    return this.picked.map(({ outcomes }) => outcomes[0]);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  readonly attempts = {
    begin: () => void this.begun++,
    retry: () => (this.retriesLeft-- > 0 ? 0 : undefined),
    hedgeDelayMs: () => this.hedgeDelayMs,
    hedge: () => this.hedgesLeft-- > 0,
    hedgeWon: () => void this.hedgeWins++,
  };

  pick(context?: PickContext): Pick {
    if (this.refusal) throw this.refusal;
    const endpoint =
      this.endpointsNow.find(({ id }) => id === context?.affinity) ??
      this.endpointsNow.find(({ id }) => !context?.exclude?.has(id)) ??
      this.endpointsNow[0];
    if (!endpoint) throw new LoadBalancerError("no-endpoints", "there is no endpoint");
    const picked: Picked = { id: endpoint.id, context, firstByte: false, outcomes: [] };
    this.picked.push(picked);
    return {
      endpoint,
      firstByte: () => void (picked.firstByte = true),
      done: (outcome) => void picked.outcomes.push(outcome),
    };
  }

  async acquire(
    context?: PickContext,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Pick> {
    await new Promise<void>((resolve, reject) => {
      this.waiting.push(resolve);
      signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
    this.refusal = undefined;
    return this.pick(context);
  }

  get endpoints(): readonly { readonly endpoint: Endpoint }[] {
    return this.endpointsNow.map((endpoint) => ({ endpoint }));
  }

  onChange(listener: (event: HealthEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(type: HealthEventType, endpoint: Endpoint): void {
    for (const listener of this.#listeners) listener({ type, endpoint, atMs: 0, reason: "" });
  }
}
