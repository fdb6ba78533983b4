import type { PaxosError, RegisterNode, RegisterOutcome, Versioned } from "@quorate/paxos/register";
import { type Clock, type Timer } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import { ClusterError } from "../cluster-error.ts";
import { type ClusterConfig, decodeConfig, encodeConfig, withSetting } from "./cluster-config.ts";
import {
  CONFIG_PROTOCOL,
  type ConfigAnswer,
  type ConfigRequest,
  decodeRequest,
  encodeAnswer,
} from "./config-protocol.ts";

const KEY = "config";
/** So old is what a node knows of the configuration, at most, while a quorum can be reached. */
const LOOK_EVERY_MS = 500;

/** A node's part in the configuration: an acceptor of the register, who reads and changes it for others. */
export class ConfigNode {
  readonly #register: RegisterNode;
  readonly #founded: ClusterConfig;
  readonly #clock: Clock;
  #seen: ClusterConfig | undefined;
  #timer: Timer | undefined;
  #isStopped = false;

  /** `founded`: the configuration to begin with, where there is none yet. */
  constructor(register: RegisterNode, founded: ClusterConfig, transport: Transport, clock: Clock) {
    this.#register = register;
    this.#founded = founded;
    this.#clock = clock;
    transport.onRequest(CONFIG_PROTOCOL, async (_from, request) =>
      encodeAnswer(await this.#answer(decodeRequest(request))),
    );
  }

  /** As this node last saw it; undefined before it was read once. */
  get seen(): ClusterConfig | undefined {
    return this.#seen;
  }

  async start(): Promise<void> {
    await this.#register.start();
    void this.#look();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#register.stop();
  }

  onFailure(listener: (error: PaxosError) => void): () => void {
    return this.#register.onFailure(listener);
  }

  /** Reads it again and again; the first node that finds none founds it. */
  async #look(): Promise<void> {
    await this.#get();
    if (this.#isStopped) return;
    this.#timer = this.#clock.setTimer(LOOK_EVERY_MS, () => void this.#look());
  }

  async #answer(request: ConfigRequest): Promise<ConfigAnswer> {
    if (request.kind === "get") return this.#get();
    const { name, value } = request;
    try {
      return this.#take(
        await this.#register.update(KEY, (current) => {
          const before = current ? decodeConfig(current) : this.#founded;
          const after = withSetting(before, name, value);
          return after === before && current ? current : encodeConfig(after);
        }),
      );
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      return { kind: "refused", reason: error.message };
    }
  }

  async #get(): Promise<ConfigAnswer> {
    const found = await this.#register.get(KEY);
    if (found.kind !== "committed" || found.result) return this.#take(found);
    return this.#take(
      await this.#register.update(KEY, (current) => current ?? encodeConfig(this.#founded)),
    );
  }

  #take(outcome: RegisterOutcome<Versioned | undefined>): ConfigAnswer {
    if (outcome.kind !== "committed" || !outcome.result) {
      const reason = outcome.kind === "committed" ? "it holds nothing" : outcome.reason;
      return { kind: "unavailable", reason, isUnknown: outcome.kind === "unknown" };
    }
    this.#seen = decodeConfig(outcome.result.value);
    return { kind: "config", config: this.#seen };
  }
}
