/** How healthy one priority is. */
export interface PriorityHealth {
  readonly healthy: number;
  readonly total: number;
}

/** What one priority gets. */
export interface PriorityLoad {
  /** Whole percent of all requests; those of all priorities sum up to 100. */
  readonly percent: number;
  /** Requests go to all of its endpoints, also to unhealthy ones. */
  readonly panic: boolean;
}

/**
 * Shares by priority, in Envoy's arithmetic: a priority of which `factor` × healthy / total is 1
 * or more takes all that those before it left; when the sum is below 1, there are not enough healthy
 * endpoints anywhere, and priorities below the panic threshold use all they have. When none is healthy
 * and there is a threshold, the first gets everything.
 *
 * Source: Envoy, "Priority levels" and "Panic threshold" of its architecture overview.
 */
export function priorityLoads(
  priorities: readonly PriorityHealth[],
  factor: number,
  panicThresholdPercent: number,
): readonly PriorityLoad[] {
  const health = priorities.map(({ healthy, total }) =>
    total === 0 ? 0 : Math.min(100, Math.floor((Math.round(factor * 100) * healthy) / total)),
  );
  const sum = Math.min(
    100,
    health.reduce((a, b) => a + b, 0),
  );
  const panics = priorities.map(
    ({ healthy, total }) =>
      total > 0 && sum < 100 && (100 * healthy) / total < panicThresholdPercent,
  );
  if (sum === 0) return noneHealthy(priorities, panics);
  let left = 100;
  return health.map((percent, at) => {
    const load = Math.min(left, Math.round((percent * 100) / sum));
    left -= load;
    return { percent: load, panic: panics[at] as boolean };
  });
}

function noneHealthy(
  priorities: readonly PriorityHealth[],
  panics: readonly boolean[],
): readonly PriorityLoad[] {
  const first = priorities.findIndex(({ total }) => total > 0);
  return priorities.map((_, at) => ({
    percent: at === first && panics[at] === true ? 100 : 0,
    panic: panics[at] as boolean,
  }));
}
