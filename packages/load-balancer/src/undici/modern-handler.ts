import type { Duplex } from "node:stream";
import { type Dispatcher, util } from "undici";
import type { RawHandler, RawHeaders } from "./raw-handler.ts";

/**
 * The caller's handler as a `RawHandler`. undici's own wrapper, which `compose` puts around handlers,
 * speaks both forms; then the raw one is passed through as it is.
 */
export function rawHandler(handler: Dispatcher.DispatchHandler): RawHandler {
  return handler.onConnect ? (handler as RawHandler) : new ModernHandler(handler);
}

class ModernHandler implements RawHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  #controller: Controller | undefined;

  constructor(handler: Dispatcher.DispatchHandler) {
    this.#handler = handler;
  }

  onConnect(abort: (reason?: Error) => void, context?: unknown): void {
    this.#controller = new Controller(abort);
    this.#handler.onRequestStart?.(this.#controller, context);
  }

  onHeaders(status: number, headers: RawHeaders, resume: () => void, statusText: string): boolean {
    const controller = this.#started();
    controller.continueBy(resume);
    controller.rawHeaders = headers as Buffer[];
    this.#handler.onResponseStart?.(controller, status, parsed(headers), statusText);
    return !controller.paused;
  }

  onData(chunk: Buffer): boolean {
    const controller = this.#started();
    this.#handler.onResponseData?.(controller, chunk);
    return !controller.paused;
  }

  onComplete(trailers: RawHeaders | null): void {
    const controller = this.#started();
    controller.rawTrailers = trailers as Buffer[] | null;
    this.#handler.onResponseEnd?.(controller, parsed(trailers ?? []));
  }

  onError(error: Error): void {
    this.#handler.onResponseError?.(this.#started(), error);
  }

  onUpgrade(status: number, headers: RawHeaders | null, socket: Duplex): void {
    const controller = this.#started();
    controller.rawHeaders = headers as Buffer[] | null;
    this.#handler.onRequestUpgrade?.(controller, status, parsed(headers ?? []), socket);
  }

  #started(): Controller {
    if (!this.#controller) throw new Error("an answer came before the request was started");
    return this.#controller;
  }
}

class Controller implements Dispatcher.DispatchController {
  rawHeaders: Buffer[] | null = null;
  rawTrailers: Buffer[] | null = null;
  aborted = false;
  paused = false;
  reason: Error | null = null;
  readonly #abort: (reason?: Error) => void;
  #resume: (() => void) | undefined;

  constructor(abort: (reason?: Error) => void) {
    this.#abort = abort;
  }

  continueBy(resume: () => void): void {
    this.#resume = resume;
  }

  abort(reason: Error): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#abort(reason);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.#resume?.();
  }
}

function parsed(headers: RawHeaders): Record<string, string | string[]> {
  return util.parseHeaders(headers as Buffer[]);
}
