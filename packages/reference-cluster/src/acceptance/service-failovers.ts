import type { Clock } from "@quorate/runtime";
import type { Cluster } from "../cluster/cluster.ts";

interface ServiceKill {
  readonly service: string;
  readonly atMs: number;
  readonly picksBefore: number;
  picksAfter: number;
  tookMs: number | null;
}

type Watched = Pick<Cluster, "services" | "onServiceChange" | "kill">;

/**
 * How long a service that was killed still got requests: from the kill until the gateway's balancer
 * took it out of the rotation, by its checks or as an outlier.
 */
export class ServiceFailovers {
  readonly #kills: ServiceKill[] = [];
  readonly #cluster: Watched;
  readonly #clock: Clock;
  readonly #unsubscribe: () => void;

  constructor(cluster: Watched, clock: Clock) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#unsubscribe = cluster.onServiceChange(({ type, endpoint: { id } }) => {
      if (type === "unhealthy" || type === "ejected") this.#left(id);
    });
  }

  kill(service: string): void {
    const picksBefore = this.#picksOf(service);
    const atMs = this.#clock.now();
    this.#kills.push({ service, atMs, picksBefore, picksAfter: 0, tookMs: null });
    this.#cluster.kill(service);
  }

  get kills(): number {
    return this.#kills.length;
  }

  /** One for each kill; null when the service was back before the balancer noticed. */
  get tookMs(): (number | null)[] {
    return this.#kills.map(({ tookMs }) => tookMs);
  }

  /** How many requests each was picked for in that time. */
  get picksMeanwhile(): number[] {
    return this.#kills.map(({ picksAfter }) => picksAfter);
  }

  stop(): void {
    this.#unsubscribe();
  }

  #left(service: string): void {
    const kill = this.#kills.find((each) => each.service === service && each.tookMs === null);
    if (!kill) return;
    kill.tookMs = this.#clock.now() - kill.atMs;
    kill.picksAfter = this.#picksOf(service) - kill.picksBefore;
  }

  #picksOf(service: string): number {
    return this.#cluster.services().find(({ id }) => id === service)?.picks ?? 0;
  }
}
