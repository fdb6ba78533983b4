import type { Agent, OutgoingHttpHeaders } from "node:http";
import { type Clock, systemClock } from "@quorate/runtime";
import type { EventSourceMessage } from "eventsource-parser";
import type { Batch, Source, SourceContext } from "../../connector.ts";
import { StreamError } from "../../stream-error.ts";
import { decodeAll, type OnInvalid } from "../decoding.ts";
import { Backoff, type ReconnectOptions } from "../reconnect/backoff.ts";
import {
  checkNothingLost,
  type LossOptions,
  type ResumePosition,
} from "../reconnect/resume-position.ts";
import { connect, type ConnectionOptions, eventsOf } from "./connection.ts";

/** An event as it was sent. */
export interface SseEvent {
  /** What the server can be asked to go on after. */
  readonly id?: string | undefined;
  /** Its type; undefined: `message`. */
  readonly event?: string | undefined;
  readonly data: string;
}

export interface SseSourceOptions<T> extends ReconnectOptions, LossOptions {
  /** `http:` or `https:`. Redirections are not followed. */
  readonly url: string;
  readonly headers?: OutgoingHttpHeaders;
  /** For certificates, proxies. @default Node's */
  readonly agent?: Agent;
  readonly decode: (event: SseEvent) => T;
  /** @default the source fails with `invalid-record`, which says where */
  readonly onInvalid?: OnInvalid<SseEvent>;
  /**
   * The `Last-Event-ID` of a run that starts from nothing. Without one it begins wherever the server
   * does, so a restart before the first checkpoint is `position-lost`.
   */
  readonly from?: string;
  /** Bytes of an event, beyond which it is an `invalid-record`: it is never held. @default 1 MiB */
  readonly maxEventBytes?: number;
  /**
   * Milliseconds in which not even a comment comes, after which it connects again; at most 2^31 - 1.
   *
   * @default 120000
   */
  readonly maxSilenceMs?: number;
}

/**
 * Server-sent events (WHATWG HTML, section 9.2), read by one subtask. The id of the last event is in
 * checkpoints and asked for with `Last-Event-ID`. So each event is read exactly once if, and only if,
 * every event has an id and the server sends all that followed the one that it is given. Events
 * without one are read at most once, and connecting again after them is `position-lost` (see
 * `afterLoss`); so is a 410, which a server says that has too little left. A 204 is the end.
 */
export function sseSource<T>(
  options: SseSourceOptions<T>,
  { clock = systemClock }: { readonly clock?: Clock } = {},
): Source<T> {
  const { url, from, decode, onInvalid, headers = {}, agent } = options;
  const { maxEventBytes = 2 ** 20, maxSilenceMs = 120_000 } = options;
  for (const [name, value] of Object.entries({ maxEventBytes, maxSilenceMs })) {
    if (value >= 1 && value < 2 ** 31) continue;
    throw new StreamError("invalid-option", `${name} must be from 1 to 2^31 - 1, not ${value}`);
  }
  if (!URL.canParse(url)) throw new StreamError("invalid-option", `url cannot be ${url}`);
  let hasGiven = false;

  async function* batches({ subtask, positions, signal }: SourceContext): AsyncGenerator<Batch<T>> {
    if (subtask !== 0) return;
    const start = { after: from, unmarked: 0 };
    let position = (positions.get("") ?? start) as ResumePosition<string>;
    const backoff = new Backoff(options, clock, signal);
    const limits = { maxEventBytes, maxSilenceMs, onRetry: (ms: number) => backoff.ask(ms) };
    const connection: ConnectionOptions = { url, headers, agent, signal, ...limits };
    checkNothingLost(url, position, hasGiven, options);
    yield { records: [], position };
    while (!signal.aborted) {
      let failure: unknown;
      try {
        const response = await connect(connection, position.after, clock);
        if (!response) return yield { records: [], position, isLast: true };
        backoff.connected();
        for await (const events of eventsOf(response, connection, clock)) {
          backoff.succeeded();
          hasGiven = true;
          const place = ({ id }: SseEvent): string => `${url}, event ${id ?? "without id"}`;
          const records = decodeAll(events, decode, place, onInvalid);
          position = positionAfter(position, events);
          yield { records, position };
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof StreamError) throw error;
        failure = error;
      }
      await backoff.wait(url, failure);
      if (!signal.aborted) checkNothingLost(url, position, hasGiven, options);
    }
  }
  return { open: (context) => batches(context) };
}

function positionAfter(
  { after, unmarked }: ResumePosition<string>,
  events: readonly EventSourceMessage[],
): ResumePosition<string> {
  // An empty id takes the one before it back.
  const last = events.findLastIndex(({ id }) => id);
  if (last < 0) return { after, unmarked: unmarked + events.length };
  return { after: events[last]?.id, unmarked: events.length - 1 - last };
}
