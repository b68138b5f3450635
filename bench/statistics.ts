/** What several rounds say together: the middle one, and how far they lie apart. */
export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b)
  const [min] = sorted
  const max = sorted.at(-1)
  if (min === undefined || max === undefined) throw new RangeError("there is nothing to summarize")
  return { median: quantile(sorted, 0.5), min, max }
}

/** @param sorted ascending; between two values the result is interpolated */
export function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share
  const below = sorted[Math.floor(position)]
  const above = sorted[Math.ceil(position)]
  if (below === undefined || above === undefined) throw new RangeError("there is nothing to summarize")
  return below + (above - below) * (position % 1)
}

export function spread(summary: Summary, digits: number): string {
  return `${summary.median.toFixed(digits)} (${summary.min.toFixed(digits)}…${summary.max.toFixed(digits)})`
}
