import { type Clock, pause, type Random, systemClock, systemRandom } from "@quorate/runtime";
import type { Endpoint } from "../endpoint.ts";
import { type DnsResolver, systemResolver } from "./dns-resolver.ts";
import { type PollingOptions, type ResolveEndpointsOptions, validated } from "./options.ts";
import { querySnapshot, sameSnapshot } from "./snapshot.ts";

/** What polling needs from outside; each has a default. */
export interface ResolveEndpointsDependencies {
  /** @default a `Resolver` of `node:dns/promises` */
  readonly resolver?: DnsResolver;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default systemRandom */
  readonly random?: Random;
}

/**
 * The endpoints that DNS names, for a balancer's `endpoints`: the first snapshot as soon as there is
 * one, then one whenever the records change. An answer that fails (also "no such name") changes
 * nothing: the last snapshot stays in force and `onError` is told.
 *
 * Each iteration polls for itself, only while its consumer waits, and holds no timer after it ended
 * (by `signal`, or by leaving the loop).
 *
 * @throws {LoadBalancerError} `invalid-option`.
 */
export function resolveEndpoints(
  options: ResolveEndpointsOptions,
  dependencies: ResolveEndpointsDependencies = {},
): AsyncIterable<readonly Endpoint[]> {
  const polling = validated(options);
  const { clock = systemClock, random = systemRandom } = dependencies;
  const resolver = dependencies.resolver ?? systemResolver(polling.timeoutMs);
  return {
    [Symbol.asyncIterator]: () => {
      // A generator does not hear that it is left while it waits.
      const left = new AbortController();
      const signal = AbortSignal.any([left.signal, ...(polling.signal ? [polling.signal] : [])]);
      const all = snapshots({ ...polling, signal }, resolver, clock, random);
      return {
        next: () => all.next(),
        return: () => {
          left.abort();
          return all.return();
        },
      };
    },
  };
}

async function* snapshots(
  options: PollingOptions,
  resolver: DnsResolver,
  clock: Clock,
  random: Random,
): AsyncGenerator<readonly Endpoint[], void, void> {
  const { signal, intervalMs, retryMs, jitter } = options;
  let last: readonly Endpoint[] | undefined;
  let failures = 0;
  const ended = (): boolean => signal?.aborted ?? false;
  while (!ended()) {
    const answer = await untilAborted(querySnapshot(resolver, options), signal);
    if (answer.kind === "aborted") return;
    if (answer.kind === "failed") {
      options.onError(answer.error, ++failures);
    } else {
      failures = 0;
      if (last === undefined || !sameSnapshot(last, answer.value)) {
        last = answer.value;
        yield last;
      }
    }
    const pauseMs = failures > 0 ? Math.min(intervalMs, retryMs * 2 ** (failures - 1)) : intervalMs;
    await pause(clock, pauseMs * (1 + jitter * (2 * random.next() - 1)), [signal]);
  }
}

type Answer<T> =
  | { readonly kind: "found"; readonly value: T }
  | { readonly kind: "failed"; readonly error: Error }
  | { readonly kind: "aborted" };

/** Never rejects, also when the query fails after the signal has aborted. */
function untilAborted<T>(query: Promise<T>, signal: AbortSignal | undefined): Promise<Answer<T>> {
  return new Promise((resolve) => {
    const settle = (answer: Answer<T>): void => {
      signal?.removeEventListener("abort", abort);
      resolve(answer);
    };
    const abort = (): void => settle({ kind: "aborted" });
    signal?.addEventListener("abort", abort, { once: true });
    query.then(
      (value) => settle({ kind: "found", value }),
      (cause: unknown) => {
        const error = cause instanceof Error ? cause : new Error(String(cause));
        settle({ kind: "failed", error });
      },
    );
  });
}
