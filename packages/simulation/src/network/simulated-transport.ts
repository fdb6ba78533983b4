import type { Clock } from "@quorate/runtime";
import type { TransportError } from "@quorate/transport";
import {
  type Route,
  type SessionContext,
  type SessionLimits,
  SessionTransport,
} from "@quorate/transport/session";

/** What a transport asks of its network. */
export interface NetworkSwitch {
  join(transport: SimulatedTransport): void;
  leave(transport: SimulatedTransport, error: TransportError): void;
  route(from: SimulatedTransport, to: string): Route;
}

/** The program that a transport belongs to. */
export interface Program {
  readonly isAlive: boolean;
  /** Runs `act` as something that happens to the program: later when paused, never when dead. */
  enter(act: () => void): void;
}

const NEVER: Promise<never> = new Promise(() => {});

/** What code that outlived its own crash is given. */
const DEAD: Route = { send: () => false, request: () => NEVER, openStream: () => NEVER };

export class SimulatedTransport extends SessionTransport {
  readonly program: Program;
  readonly #network: NetworkSwitch;

  constructor(
    nodeId: string,
    limits: SessionLimits,
    clock: Clock,
    program: Program,
    network: NetworkSwitch,
  ) {
    super(nodeId, limits, clock);
    this.program = program;
    this.#network = network;
  }

  get sessionContext(): SessionContext {
    return this.context;
  }

  protected override route(to: string): Route {
    return this.program.isAlive ? this.#network.route(this, to) : DEAD;
  }

  protected override async open(): Promise<void> {
    if (!this.program.isAlive) await NEVER;
    this.#network.join(this);
  }

  protected override async close(error: TransportError): Promise<void> {
    if (!this.program.isAlive) await NEVER;
    this.#network.leave(this, error);
  }
}
