import type { Clock } from "@quorate/runtime";
import type { Route } from "../session/route.ts";
import type { SessionContext } from "../session/session-context.ts";
import { SessionTransport } from "../session/session-transport.ts";
import type { TransportError } from "../transport-error.ts";
import type { NodeId } from "../transport.ts";
import type { CheckedMemoryOptions } from "./options.ts";

/** What a transport in memory asks of its network. */
export interface MemorySwitch {
  join(node: MemoryTransport): void;
  leave(node: MemoryTransport, error: TransportError): void;
  route(from: MemoryTransport, to: NodeId): Route;
}

export class MemoryTransport extends SessionTransport {
  readonly #network: MemorySwitch;

  constructor(nodeId: NodeId, options: CheckedMemoryOptions, clock: Clock, network: MemorySwitch) {
    super(nodeId, options.limits, clock);
    this.#network = network;
  }

  get sessionContext(): SessionContext {
    return this.context;
  }

  protected override route(to: NodeId): Route {
    return this.#network.route(this, to);
  }

  protected override async open(): Promise<void> {
    this.#network.join(this);
  }

  protected override async close(error: TransportError): Promise<void> {
    this.#network.leave(this, error);
  }
}
