import { systemClock } from "@quorate/runtime";
import type { Dispatcher } from "undici";
import type { LoadBalancer } from "../load-balancer.ts";
import { BalancedRequest, type Balancing } from "./balanced-request.ts";
import { endpointOrigin } from "../endpoint-origin.ts";
import { rawHandler } from "./modern-handler.ts";
import { type BalanceDependencies, type BalanceOptions, validated } from "./options.ts";

/**
 * An interceptor: `new Agent().compose(balance(balancer))`. What it is composed with connects, so it
 * must be a dispatcher for any origin, such as an `Agent`; interceptors before it see each attempt,
 * those after it each request. An origin's connections stay open until the agent closes them.
 *
 * @throws {LoadBalancerError} `invalid-option`.
 */
export function balance(
  balancer: LoadBalancer,
  options: BalanceOptions = {},
  { clock = systemClock }: BalanceDependencies = {},
): Dispatcher.DispatcherComposeInterceptor {
  const settings = validated(options);
  return (dispatch) => {
    const balancing: Balancing = {
      balancer,
      settings,
      clock,
      send: ({ endpoint }, request, handler) =>
        dispatch(
          { ...request, origin: endpointOrigin(endpoint) },
          handler as Dispatcher.DispatchHandler,
        ),
    };
    return (request, handler) =>
      new BalancedRequest(balancing, request, rawHandler(handler)).start();
  };
}
