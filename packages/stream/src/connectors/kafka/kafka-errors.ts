import { StreamError } from "../../stream-error.ts";

interface ClientError extends Error {
  readonly code?: string;
  readonly apiId?: string;
  readonly canRetry?: boolean;
  readonly errors?: readonly ClientError[];
}

/** Another producer has this one's transactional id, or the broker took it from one that was late. */
const FENCED: readonly string[] = [
  "INVALID_PRODUCER_EPOCH",
  "PRODUCER_FENCED",
  "INVALID_PRODUCER_ID_MAPPING",
];

/** What the client does not try again; a topic that was just made is not known everywhere at once. */
const PASSING = /^(Request timed out|Unknown topic)/;

/** Whether the broker says so, by its own name of the error. */
export function saysAny(error: unknown, ids: readonly string[]): boolean {
  return leaves(error as ClientError).some(({ apiId }) => ids.includes(apiId ?? ""));
}

function isFenced(error: unknown): boolean {
  return saysAny(error, FENCED);
}

/** Whether the same request may succeed later: nothing in it speaks against that. */
export function isPassing(error: unknown): boolean {
  const causes = leaves(error as ClientError);
  return causes.every(({ canRetry, message }) => canRetry || PASSING.test(message));
}

/** The error of a request, in the words of this package. */
export function kafkaError(what: string, error: unknown): StreamError {
  if (error instanceof StreamError) return error;
  const reasons = leaves(error as ClientError).map(({ apiId, message }) => apiId ?? message);
  const text = `${what}: ${[...new Set(reasons)].join(", ")}`;
  return new StreamError(isFenced(error) ? "fenced" : "unavailable", text, { cause: error });
}

function leaves(error: ClientError): readonly ClientError[] {
  const { errors = [] } = error;
  return errors.length === 0 ? [error] : errors.flatMap((one) => (one ? leaves(one) : []));
}
