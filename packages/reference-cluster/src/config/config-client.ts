import type { Transport } from "@quorate/transport";
import { ClusterError } from "../cluster-error.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import {
  CONFIG_PROTOCOL,
  type ConfigAnswer,
  type ConfigRequest,
  decodeAnswer,
  encodeRequest,
} from "./config-protocol.ts";

/** Above what the register allows an operation, so that its own answer comes first. */
const TIMEOUT_MS = 6_000;

/** The configuration, from outside the nodes: any of them can be asked. */
export class ConfigClient {
  readonly #transport: Transport;
  readonly #nodes: readonly string[];

  constructor(transport: Transport, nodes: readonly string[]) {
    this.#transport = transport;
    this.#nodes = nodes;
  }

  /** @throws {ClusterError} `not-ready`: no node could read it. */
  get(): Promise<ClusterConfig> {
    return this.#ask({ kind: "get" });
  }

  /**
   * Sets it again where that was done already, so it may be repeated.
   *
   * @throws {ClusterError} `invalid-option`, `not-ready`: it is not changed, or perhaps it is.
   */
  set(name: string, value: string): Promise<ClusterConfig> {
    return this.#ask({ kind: "set", name, value });
  }

  async #ask(request: ConfigRequest): Promise<ClusterConfig> {
    let trouble = "there is no node";
    for (const node of this.#nodes) {
      const answer = await this.#askNode(node, request);
      if (answer.kind === "config") return answer.config;
      if (answer.kind === "refused") throw new ClusterError("invalid-option", answer.reason);
      trouble = `${node}: ${answer.reason}`;
    }
    const message = `the configuration cannot be reached (${trouble}); a change may still happen`;
    throw new ClusterError("not-ready", message);
  }

  async #askNode(node: string, request: ConfigRequest): Promise<ConfigAnswer> {
    try {
      const options = { timeoutMs: TIMEOUT_MS };
      const asked = encodeRequest(request);
      return decodeAnswer(await this.#transport.request(node, CONFIG_PROTOCOL, asked, options));
    } catch (error) {
      return { kind: "unavailable", reason: (error as Error).message, isUnknown: true };
    }
  }
}
