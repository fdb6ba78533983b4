import type { Clock, Timer } from "@quorate/runtime";
import type { ClusterConfig, Features } from "./cluster-config.ts";
import type { ConfigClient } from "./config-client.ts";

const LOOK_EVERY_MS = 500;

/** The configuration as the gateway last saw it; it keeps what it has while nobody answers. */
export class WatchedConfig {
  readonly #client: Pick<ConfigClient, "get">;
  readonly #clock: Clock;
  #seen: ClusterConfig | undefined;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(client: Pick<ConfigClient, "get">, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** What it is before the configuration was read once: all that can be on is on. */
  isOn(feature: keyof Features): boolean {
    return this.#seen?.features[feature] ?? true;
  }

  /** Resolves when it was read once, or could not be. */
  async start(): Promise<void> {
    // Nobody who could be asked is no reason to forget what is known.
    this.#seen = await this.#client.get().catch(() => this.#seen);
    if (this.#isStopped) return;
    this.#timer = this.#clock.setTimer(LOOK_EVERY_MS, () => void this.start());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
  }
}
