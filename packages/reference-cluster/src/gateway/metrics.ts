import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ClusterStatus, NodeStatus } from "../cluster/cluster-status.ts";
import type { ServiceStatus } from "../cluster/service-status.ts";
import type { ShardReport } from "../node/node-report.ts";

type Numbers = Readonly<Record<string, number>>;
/** The same names wherever a metric is used. */
type Labels = Readonly<Record<string, string>>;

/** The packages' own snapshots and the gateway's latencies, as Prometheus reads them. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #status: () => Promise<ClusterStatus>;
  readonly #duration: Histogram;

  constructor(status: () => Promise<ClusterStatus>) {
    this.#status = status;
    this.#duration = new Histogram({
      name: "quorate_http_request_duration_seconds",
      help: "Time from a request to the end of its answer",
      labelNames: ["method", "route", "status"],
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
      registers: [this.#registry],
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** @param route the pattern, not the path, or the labels would be without number */
  answered(method: string, route: string | undefined, status: number, ms: number): void {
    this.#duration.observe({ method, route: route ?? "unknown", status }, ms / 1_000);
  }

  /** Asks the nodes. One that does not answer has `quorate_up` 0 and nothing else. */
  async exposition(): Promise<string> {
    const { nodes, services } = await this.#status();
    // A registry for each answer: no series outlives its node, no two answers mix.
    const snapshot = new Registry();
    for (const node of nodes) addNode(snapshot, node);
    for (const service of services) addService(snapshot, service);
    const own = await this.#registry.metrics();
    return `${own}\n${await snapshot.metrics()}`;
  }
}

function addNode(registry: Registry, { id, state, restarts, report }: NodeStatus): void {
  const labels = { node: id };
  gauges(registry, labels, "quorate", { up: state === "up" ? 1 : 0 });
  counters(registry, labels, "quorate", { restarts });
  if (!report) return;
  for (const shard of report.shards) addShard(registry, id, shard);
  const { transport, process } = report.metrics;
  counters(registry, labels, "quorate_transport", { ...transport });
  const { residentBytes, cpuSeconds } = process;
  gauges(registry, labels, "quorate_process", { residentBytes });
  counters(registry, labels, "quorate_process", { cpuSeconds });
}

function addService(registry: Registry, service: ServiceStatus): void {
  const { id, state, restarts, picks, failures, retries, ejections, latency } = service;
  const labels = { service: id };
  const counts = { restarts, picks, failures, retries, ejections };
  gauges(registry, labels, "quorate_service", { healthy: state === "healthy" ? 1 : 0 });
  counters(registry, labels, "quorate_service", counts);
  const { queueMs, processingMs, transmissionMs, meanMs, p99Ms } = latency;
  const means = { queueSeconds: queueMs / 1_000, processingSeconds: processingMs / 1_000 };
  const rest = { transmissionSeconds: transmissionMs / 1_000, latencySeconds: meanMs / 1_000 };
  gauges(registry, labels, "quorate_service_mean", { ...means, ...rest });
  gauges(registry, labels, "quorate_service_p99", { latencySeconds: p99Ms / 1_000 });
}

function addShard(registry: Registry, node: string, shard: ShardReport): void {
  const labels = { node, shard: shard.name };
  const { log, state, metrics } = shard;
  const { term, commitIndex, appliedIndex, firstIndex, lastIndex } = log;
  const { waitingProposals, waitingReads, ...counts } = metrics;
  const isLeader = log.role === "leader" ? 1 : 0;
  gauges(registry, labels, "quorate_log", { isLeader, term, commitIndex, appliedIndex });
  const waiting = { waitingProposals, waitingReads };
  gauges(registry, labels, "quorate_log", { firstIndex, lastIndex, ...waiting });
  counters(registry, labels, "quorate_log", counts);
  const { keys, orders, revision } = state;
  gauges(registry, labels, "quorate_kv", { keys, revision });
  gauges(registry, labels, "quorate", { orders });
}

function gauges(registry: Registry, labels: Labels, prefix: string, values: Numbers): void {
  const labelNames = Object.keys(labels);
  for (const [field, value] of Object.entries(values)) {
    const name = `${prefix}_${snakeCase(field)}`;
    const known = registry.getSingleMetric(name) as Gauge | undefined;
    const help = `${field}, as it is reported`;
    const made = known ?? new Gauge({ name, help, labelNames, registers: [registry] });
    made.set(labels, value);
  }
}

function counters(registry: Registry, labels: Labels, prefix: string, values: Numbers): void {
  const labelNames = Object.keys(labels);
  for (const [field, value] of Object.entries(values)) {
    const name = `${prefix}_${snakeCase(field)}_total`;
    const known = registry.getSingleMetric(name) as Counter | undefined;
    const help = `${field} since the start of what counts it`;
    const made = known ?? new Counter({ name, help, labelNames, registers: [registry] });
    made.inc(labels, value);
  }
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
