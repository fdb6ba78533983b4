import type { Duplex } from "node:stream";
import type { Endpoint } from "../endpoint.ts";

/** Header names and values in turn; several values of one name may come as an array. */
export type RawHeaders = readonly (Buffer | string | readonly Buffer[])[];

/**
 * The callbacks that undici 7 makes inside, and that its own `request` and `fetch` take. Headers stay
 * unparsed, which is why this package speaks it and not the newer form.
 */
export interface RawHandler {
  onConnect(abort: (reason?: Error) => void, context?: unknown): void;
  /** Ours, not undici's: before `onHeaders` or `onUpgrade`, whose answer this is. */
  onEndpoint?(endpoint: Endpoint): void;
  onResponseStarted?(): void;
  /** Also for informational answers (1xx). False pauses until `resume` is called. */
  onHeaders(
    status: number,
    headers: RawHeaders,
    resume: () => void,
    statusText: string,
  ): boolean | void;
  onData(chunk: Buffer): boolean | void;
  onComplete(trailers: RawHeaders | null): void;
  onError(error: Error): void;
  onUpgrade?(status: number, headers: RawHeaders | null, socket: Duplex): void;
  onBodySent?(chunk: unknown, total?: number): void;
  onRequestSent?(): void;
}
