import { type Agent, get, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { get as getSecure } from "node:https";
import { type Clock } from "@quorate/runtime";
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { StreamError } from "../../stream-error.ts";
import { available } from "../reconnect/available.ts";

export interface ConnectionOptions {
  readonly url: string;
  readonly headers: OutgoingHttpHeaders;
  readonly agent: Agent | undefined;
  readonly maxEventBytes: number;
  readonly maxSilenceMs: number;
  readonly signal: AbortSignal;
  readonly onRetry: (retryMs: number) => void;
}

/**
 * The answer to a request for events; undefined: the server says that there will be no more (204).
 *
 * @throws {StreamError} `position-lost`: 410; `unavailable`: another answer that trying again does not
 * change. Other errors pass.
 */
export async function connect(
  { url, headers, agent, maxSilenceMs, signal }: ConnectionOptions,
  lastEventId: string | undefined,
  clock: Clock,
): Promise<IncomingMessage | undefined> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const all = {
      ...{ accept: "text/event-stream", "cache-control": "no-cache", ...headers },
      // Text in UTF-8, which a header carries byte by byte (Fetch, section 2.2.2).
      ...(lastEventId && { "last-event-id": Buffer.from(lastEventId).toString("latin1") }),
    };
    const request = (url.startsWith("https:") ? getSecure : get)(url, {
      ...{ headers: all, signal },
      ...(agent && { agent }),
    });
    const timer = clock.setTimer(maxSilenceMs, () => {
      request.destroy(new Error(`no answer in ${maxSilenceMs} ms`));
    });
    request.on("close", () => timer.cancel());
    request.on("error", reject);
    request.on("response", (answer) => {
      timer.cancel();
      resolve(answer);
    });
  });
  const { statusCode: status = 0 } = response;
  const type = response.headers["content-type"] ?? "";
  if (status === 200 && /^text\/event-stream\s*(;|$)/i.test(type)) return response;
  response.destroy();
  if (status === 204) return undefined;
  const text = `${url} answers ${status}${status === 200 ? ` with ${type || "no type"}` : ""}`;
  if (status >= 500 || status === 429 || status === 408) throw new Error(text);
  const isLost = status === 410 && lastEventId !== undefined;
  throw new StreamError(isLost ? "position-lost" : "unavailable", text);
}

/**
 * The events of one connection, those that came together at once. What a connection ends in the
 * middle of is no event.
 *
 * @throws {StreamError} `invalid-record`: an event is over `maxEventBytes`
 */
export async function* eventsOf(
  response: IncomingMessage,
  { url, maxEventBytes, maxSilenceMs, onRetry }: ConnectionOptions,
  clock: Clock,
): AsyncGenerator<readonly EventSourceMessage[], void> {
  let events: EventSourceMessage[] = [];
  let lastId = "";
  const tooLarge = (): never => {
    const text = `${url}: an event after ${lastId || "the first"} is over ${maxEventBytes} bytes`;
    throw new StreamError("invalid-record", text);
  };
  const parser = createParser({
    maxBufferSize: maxEventBytes,
    onRetry,
    onError: ({ type }) => void (type === "max-buffer-size-exceeded" && tooLarge()),
    onEvent: (event) => {
      // One that came in one piece was not buffered; its characters are at most its bytes.
      if (event.data.length > maxEventBytes) tooLarge();
      lastId = event.id ?? lastId;
      events.push(event);
    },
  });
  const decoder = new TextDecoder();
  for await (const chunks of available<Buffer>(response, { clock, maxSilenceMs })) {
    for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
    if (events.length > 0) yield events;
    events = [];
  }
}
