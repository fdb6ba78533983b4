import type { ClusterStatus } from "../cluster/cluster-status.ts";
import type { TrafficSample } from "../gateway/traffic.ts";
import type { WorkloadCounts } from "../load/workload.ts";

/** All that the live view shows. */
export interface ViewState {
  readonly url: string;
  readonly dataDirectory: string;
  /** An order that is there, for the reader to look at. */
  readonly exampleId: string;
  readonly status: ClusterStatus;
  readonly traffic: TrafficSample;
  /** Absent without a workload. */
  readonly workload?: WorkloadCounts;
}
