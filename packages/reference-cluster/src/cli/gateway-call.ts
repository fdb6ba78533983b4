import { type Dispatcher, request } from "undici";
import { ClusterError } from "../cluster-error.ts";
import type { Problem } from "../http/problem.ts";

/** Above what the gateway itself may need for most answers. */
const TIMEOUT_MS = 10_000;

interface CallOptions {
  readonly method?: Dispatcher.HttpMethod;
  readonly body?: object;
  readonly timeoutMs?: number;
}

/**
 * Asks the gateway of a cluster that runs, and resolves to its answer, which has `field`: else another
 * program listens there.
 *
 * @throws {ClusterError} `not-running`; `invalid-option` for a 400, `not-ready` for a 503.
 */
export async function callGateway<T>(
  port: number,
  path: string,
  field: keyof T & string,
  options: CallOptions = {},
): Promise<T> {
  const url = `http://127.0.0.1:${port}${path}`;
  const { statusCode, text } = await send(url, options);
  const answer = parsed(text);
  if (statusCode === 200 && answer && field in answer) return answer as T;
  const { detail } = (answer ?? {}) as Partial<Problem>;
  if (statusCode === 400 && detail) throw new ClusterError("invalid-option", detail);
  if (statusCode === 503 && detail) throw new ClusterError("not-ready", detail);
  throw notRunning(url, new Error(`it answers with status ${statusCode}`));
}

async function send(
  url: string,
  { method = "GET", body, timeoutMs = TIMEOUT_MS }: CallOptions,
): Promise<{ readonly statusCode: number; readonly text: string }> {
  try {
    const { statusCode, body: answer } = await request(url, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      ...(body && {
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    });
    return { statusCode, text: await answer.text() };
  } catch (cause) {
    throw notRunning(url, cause as Error);
  }
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined; // another program's answer
  }
}

function notRunning(url: string, cause: Error): ClusterError {
  const message =
    `no gateway of a cluster at ${url}: ${cause.message}; ` +
    `start one with quorate up, or name its --port`;
  return new ClusterError("not-running", message, { cause });
}
