import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Endpoint } from "../endpoint.ts";
import type { RawHandler, RawHeaders } from "../undici/raw-handler.ts";
import { errorStatus } from "./error-status.ts";
import { refuse } from "./refuse.ts";
import { headerValue, responseHeaders, responseTrailers } from "./response-headers.ts";
import { connectTunnel } from "./tunnel.ts";

/** What one exchange needs besides its two ends. */
export interface ExchangeOptions {
  readonly takesTrailers: boolean;
  /** The Set-Cookie of a session, if the answer of this endpoint needs one. */
  readonly cookieFor: ((endpoint: Endpoint) => string | undefined) | undefined;
  /** What the client sent behind its upgrade request. */
  readonly upgradeHead?: Buffer;
  readonly onError: ((error: Error, request: IncomingMessage, status: number) => void) | undefined;
}

/** Passes an endpoint's answer to the client as it comes, no faster than the client takes it. */
export class Exchange implements RawHandler {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #options: ExchangeOptions;
  #abort: ((reason?: Error) => void) | undefined;
  #resume: (() => void) | undefined;
  #cookie: string | undefined;
  #keepsTrailer = false;
  #over = false;

  constructor(request: IncomingMessage, response: ServerResponse, options: ExchangeOptions) {
    this.#request = request;
    this.#response = response;
    this.#options = options;
    response.once("close", () => {
      if (!this.#over) this.#abort?.();
    });
  }

  /** Gives up on the endpoint; the client gets what `reason` means, if it got nothing yet. */
  abort(reason: Error): void {
    if (!this.#over) this.#abort?.(reason);
  }

  get over(): boolean {
    return this.#over;
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort;
    if (this.#response.destroyed) abort();
  }

  onEndpoint(endpoint: Endpoint): void {
    this.#cookie = this.#options.cookieFor?.(endpoint);
  }

  onHeaders(status: number, raw: RawHeaders, resume: () => void, statusText: string): boolean {
    const response = this.#response;
    if (status < 200) {
      if (status === 103) this.#earlyHints(raw);
      return true;
    }
    this.#keepsTrailer = this.#options.takesTrailers && mayHaveTrailers(this.#request, raw, status);
    const headers = responseHeaders(raw, this.#keepsTrailer);
    if (this.#cookie !== undefined) headers.push("set-cookie", this.#cookie);
    // The rest of an upload that the endpoint did not wait for cannot be told from a next request.
    if (!this.#request.complete) headers.push("connection", "close");
    response.writeHead(status, statusText, headers);
    this.#resume = resume;
    // Together with the body where that is there already, but never later than it.
    queueMicrotask(() => {
      if (!response.writableEnded) response.flushHeaders();
    });
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#response.write(chunk)) return true;
    if (this.#resume) this.#response.once("drain", this.#resume);
    return false;
  }

  onComplete(trailers: RawHeaders | null): void {
    this.#over = true;
    if (this.#keepsTrailer && trailers && trailers.length > 0) {
      this.#response.addTrailers(responseTrailers(trailers));
    }
    this.#response.end();
  }

  onError(error: Error): void {
    this.#over = true;
    const response = this.#response;
    if (response.destroyed) return;
    if (response.headersSent) {
      // An answer that just ended here would look whole where its length is not known.
      response.destroy(error);
      return;
    }
    const status = errorStatus(error);
    refuse(this.#request, response, status);
    this.#options.onError?.(error, this.#request, status);
  }

  onUpgrade(_status: number, raw: RawHeaders | null, upstream: Duplex): void {
    this.#over = true;
    const { socket } = this.#response;
    if (!socket || !this.#options.upgradeHead) {
      upstream.destroy();
      return;
    }
    this.#response.detachSocket(socket);
    const headers = responseHeaders(raw ?? [], false);
    if (this.#cookie !== undefined) headers.push("set-cookie", this.#cookie);
    const protocol = headerValue(raw ?? [], "upgrade") ?? "websocket";
    connectTunnel(socket, upstream, protocol, headers, this.#options.upgradeHead);
  }

  #earlyHints(raw: RawHeaders): void {
    const link = headerValue(raw, "link");
    if (link !== undefined && this.#request.httpVersionMinor > 0) {
      this.#response.writeEarlyHints({ link });
    }
  }
}

/** Only chunked answers can have trailers; Node makes an answer chunked when its length is unknown. */
function mayHaveTrailers(request: IncomingMessage, raw: RawHeaders, status: number): boolean {
  return (
    request.httpVersionMinor > 0 &&
    request.method !== "HEAD" &&
    status !== 204 &&
    status !== 304 &&
    headerValue(raw, "content-length") === undefined
  );
}
