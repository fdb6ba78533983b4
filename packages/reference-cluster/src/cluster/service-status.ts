import type { EndpointState } from "@quorate/load-balancer";
import type { OrderServices } from "../gateway/order-services.ts";
import type { SupervisedProcess } from "./supervised-process.ts";

/** An order service as the gateway's balancer sees it at this moment. */
export interface ServiceStatus {
  readonly id: string;
  /**
   * Only a healthy one gets requests, unless fewer than half of them are. `unregistered`: the gateway knows
   * of none of that name.
   */
  readonly state: EndpointState | "unregistered";
  /** Absent of one that is not registered. */
  readonly port?: number;
  readonly pid: number | undefined;
  readonly restarts: number;
  /** Why its process is down, as far as is known. */
  readonly reason?: string;
  /** Attempts that were sent there; of all services', 0 to 1; 0 when there were none. */
  readonly picks: number;
  readonly share: number;
  readonly failures: number;
  /** Attempts here after the same request had failed elsewhere. */
  readonly retries: number;
  readonly ejections: number;
  readonly latency: ServiceLatency;
}

/** Of all attempts that ended here: the means of the latency's three parts, and of the whole. */
export interface ServiceLatency {
  /** In the gateway, before it was sent. */
  readonly queueMs: number;
  /** Until the answer's first byte. */
  readonly processingMs: number;
  /** From there to its last. */
  readonly transmissionMs: number;
  readonly meanMs: number;
  readonly p99Ms: number;
}

type Registered = Omit<ServiceStatus, "id" | "pid" | "restarts" | "reason">;

/** Those that run here, in the order of their numbers, and then any others that are registered. */
export function serviceStatuses(
  services: OrderServices,
  processes: readonly SupervisedProcess[],
): ServiceStatus[] {
  const registered = registeredServices(services);
  const ids = new Set([...processes.map(({ id }) => id), ...registered.keys()]);
  return [...ids].map((id) => {
    return { id, ...(registered.get(id) ?? UNREGISTERED), ...processOf(id, processes) };
  });
}

function registeredServices(services: OrderServices): ReadonlyMap<string, Registered> {
  const { picks: all, endpoints: metrics } = services.balancer.metrics();
  const registered = new Map<string, Registered>();
  for (const [at, { endpoint, state }] of services.balancer.endpoints.entries()) {
    const { id, port } = endpoint;
    const { picks, failures, ejections, ...parts } = metrics[at]!;
    const { latency, queue, processing, transmission } = parts;
    registered.set(id, {
      ...{ state, port, picks, share: all === 0 ? 0 : picks / all },
      ...{ failures, retries: services.retriesAt(id), ejections },
      latency: {
        queueMs: queue.meanMs,
        processingMs: processing.meanMs,
        transmissionMs: transmission.meanMs,
        meanMs: latency.meanMs,
        p99Ms: latency.p99Ms,
      },
    });
  }
  return registered;
}

const UNREGISTERED: Registered = {
  ...{ state: "unregistered", picks: 0, share: 0, failures: 0, retries: 0, ejections: 0 },
  latency: { queueMs: 0, processingMs: 0, transmissionMs: 0, meanMs: 0, p99Ms: 0 },
};

function processOf(id: string, processes: readonly SupervisedProcess[]) {
  const process = processes.find((each) => each.id === id);
  if (!process) return { pid: undefined, restarts: 0 };
  const { pid, restarts, isUp, lastWords } = process;
  return isUp ? { pid, restarts } : { pid, restarts, reason: lastWords ?? "it is starting" };
}
