import { type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type Clock, systemClock } from "@quorate/runtime";
import type { Dispatcher } from "undici";
import type { LoadBalancer } from "../load-balancer.ts";
import type { PickContext } from "../pick.ts";
import { createBalancedDispatcher } from "../undici/index.ts";
import { Exchange } from "./exchange.ts";
import { type ProxyHandlerOptions, type ProxySettings, validated } from "./options.ts";
import { refuse } from "./refuse.ts";
import { RefusedRequest } from "./refused-request.ts";
import { requestBody } from "./request-body.ts";
import { upstreamHead } from "./request-headers.ts";
import { requestTarget } from "./request-target.ts";
import { CookieAffinity, headerAffinity } from "./session-affinity.ts";

/** What a proxy handler needs from outside; each has a default. */
export interface ProxyHandlerDependencies {
  /** For retries, hedges and the total timeout. @default systemClock */
  readonly clock?: Clock;
}

/**
 * A reverse proxy as a listener of `request` events; also a middleware of Express, which its
 * signature fits. Answers every request, and throws nothing.
 */
export interface ProxyHandler {
  (request: IncomingMessage, response: ServerResponse): void;
  /** A listener of `upgrade` events: WebSockets. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** A listener of `checkContinue` events: the client sends its body once an endpoint takes it. */
  readonly checkContinue: (request: IncomingMessage, response: ServerResponse) => void;
  /** Listens to all three. Returns what ends it. */
  attach(server: Pick<Server, "on" | "off">): () => void;
  /** Finishes the requests under way; later ones get 503. The balancer goes on. */
  close(): Promise<void>;
}

type DispatchOptions = Dispatcher.DispatchOptions & {
  readonly pickContext: PickContext | undefined;
};

/**
 * A reverse proxy over a balancer's endpoints. Requests without a body are retried and hedged as the
 * balancer's options say, if their method is idempotent; one with a body only if none of it was sent.
 *
 * @throws {LoadBalancerError} `invalid-option`.
 */
export function createProxyHandler(
  balancer: LoadBalancer,
  options: ProxyHandlerOptions = {},
  { clock = systemClock }: ProxyHandlerDependencies = {},
): ProxyHandler {
  const proxy = new ReverseProxy(balancer, options, clock);
  const handler = (request: IncomingMessage, response: ServerResponse): void =>
    proxy.forward(request, response, {});
  const checkContinue = (request: IncomingMessage, response: ServerResponse): void =>
    proxy.forward(request, response, { saysContinue: true });
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void =>
    proxy.upgrade(request, socket, head);
  const attach: ProxyHandler["attach"] = (server) => {
    server.on("request", handler).on("upgrade", upgrade).on("checkContinue", checkContinue);
    return () =>
      void server
        .off("request", handler)
        .off("upgrade", upgrade)
        .off("checkContinue", checkContinue);
  };
  return Object.assign(handler, { upgrade, checkContinue, attach, close: () => proxy.close() });
}

interface ForwardOptions {
  readonly saysContinue?: boolean;
  /** The client wants another protocol, known or not, and nobody reads a body. */
  readonly isUpgrade?: boolean;
  readonly upgrade?: { readonly protocol: string; readonly head: Buffer };
}

class ReverseProxy {
  readonly #settings: ProxySettings;
  readonly #dispatcher: Dispatcher;
  readonly #clock: Clock;
  readonly #cookies: CookieAffinity | undefined;

  constructor(balancer: LoadBalancer, options: ProxyHandlerOptions, clock: Clock) {
    const { isFailure, maxDiscardedBytes, waits, pool, affinity } = options;
    this.#settings = validated(options);
    this.#clock = clock;
    this.#dispatcher = createBalancedDispatcher(
      balancer,
      {
        ...(isFailure && { isFailure }),
        ...(maxDiscardedBytes !== undefined && { maxDiscardedBytes }),
        ...(waits !== undefined && { waits }),
        context: (request) => (request as DispatchOptions).pickContext,
        pool: {
          ...pool,
          connectTimeout: this.#settings.connectTimeoutMs,
          headersTimeout: this.#settings.headersTimeoutMs,
          bodyTimeout: this.#settings.idleTimeoutMs,
          maxHeaderSize: this.#settings.maxResponseHeaderBytes,
        },
      },
      { clock },
    );
    if (affinity && "cookie" in affinity) {
      this.#cookies = new CookieAffinity(balancer, affinity.cookie, affinity.attributes);
    }
  }

  forward(request: IncomingMessage, response: ServerResponse, options: ForwardOptions): void {
    try {
      this.#forward(request, response, options);
    } catch (error) {
      const status = error instanceof RefusedRequest ? error.status : 500;
      if (!response.headersSent) refuse(request, response, status);
      else response.destroy();
      this.#settings.onError?.(error as Error, request, status);
    }
  }

  /** Node gives a request to upgrade no response: it gets one, for whatever is not a 101. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    socket.on("error", () => socket.destroy());
    socket.on("drain", () => response.emit("drain")); // the server has let go of the socket
    response.assignSocket(socket as Parameters<ServerResponse["assignSocket"]>[0]);
    response.once("finish", () => {
      if (response.socket) response.detachSocket(response.socket);
      socket.end();
    });
    const protocol = request.headers.upgrade?.toLowerCase() ?? "";
    const known = this.#settings.upgrades.includes(protocol);
    this.forward(request, response, {
      isUpgrade: true,
      ...(known && { upgrade: { protocol, head } }),
    });
  }

  async close(): Promise<void> {
    this.#cookies?.close();
    await this.#dispatcher.close();
  }

  #forward(request: IncomingMessage, response: ServerResponse, options: ForwardOptions): void {
    const { saysContinue = false, upgrade } = options;
    const settings = this.#settings;
    const head = upstreamHead(request, settings);
    // Node does not read the body of an upgrade: what follows would be taken for a request.
    if (options.isUpgrade && head.hasBody) {
      throw new RefusedRequest(400, "an upgrade with a body");
    }
    const target = requestTarget(request, settings.rewritePath);
    const { maxRequestBodyBytes } = settings;
    const body = requestBody(request, response, head, maxRequestBodyBytes, saysContinue);
    const stickyTo = this.#cookies?.endpointId(request);
    const exchange = new Exchange(request, response, {
      takesTrailers: head.takesTrailers,
      cookieFor: this.#cookies && ((endpoint) => this.#cookies?.setCookie(stickyTo, endpoint)),
      onError: settings.onError,
      ...(upgrade && { upgradeHead: upgrade.head }),
    });
    const dispatch: DispatchOptions = {
      path: target,
      method: request.method ?? "GET",
      headers: head.headers,
      body,
      pickContext: this.#pickContext(request, stickyTo),
      ...(upgrade && { upgrade: upgrade.protocol }),
    };
    this.#limitTime(exchange, response, upgrade !== undefined);
    this.#dispatcher.dispatch(dispatch, exchange);
  }

  #pickContext(request: IncomingMessage, stickyTo: string | undefined): PickContext | undefined {
    const { context, affinity } = this.#settings;
    const given = context?.(request);
    if (!affinity) return given;
    if ("header" in affinity) return { ...headerAffinity(affinity.header, request), ...given };
    return stickyTo === undefined ? given : { ...given, affinity: stickyTo };
  }

  #limitTime(exchange: Exchange, response: ServerResponse, endless: boolean): void {
    const { totalTimeoutMs } = this.#settings;
    if (totalTimeoutMs === undefined || endless) return;
    const timer = this.#clock.setTimer(totalTimeoutMs, () => {
      exchange.abort(new RefusedRequest(504, `no whole answer within ${totalTimeoutMs} ms`));
    });
    response.once("close", () => timer.cancel());
  }
}
