/** What an outlier's success rate lies below. */
export interface SuccessRateThreshold {
  readonly mean: number;
  readonly deviation: number;
  readonly threshold: number;
}

/**
 * mean − factor / 1000 × standard deviation (of the population) of success rates in percent.
 *
 * Source: Envoy, `DetectorImpl::successRateEjectionThreshold`.
 */
export function successRateThreshold(
  rates: readonly number[],
  factor: number,
): SuccessRateThreshold {
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length;
  const deviation = Math.sqrt(variance);
  return { mean, deviation, threshold: mean - (factor / 1_000) * deviation };
}
