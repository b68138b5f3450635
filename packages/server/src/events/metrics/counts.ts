/** Plain integers by label values: counting costs one look-up, the rest is done when somebody asks. */
import type { Family, Sample } from "./family.ts"

/** One counter. Whoever keeps it counts without looking it up. */
export interface Count {
  readonly values: readonly string[]
  value: number
}

export interface Counts {
  of(...values: readonly string[]): Count
  family(): Family
}

interface Named {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

export function createCounts({ help, labels, name }: Named): Counts {
  const counts = new Map<string, Count>()
  return {
    of(...values) {
      const key = values.length === 1 ? (values[0] ?? "") : values.join("\n")
      let count = counts.get(key)
      if (count === undefined) counts.set(key, (count = { values, value: 0 }))
      return count
    },
    family: () => ({
      name,
      help,
      type: "counter",
      samples: [...counts.values()]
        .filter(({ value }) => value > 0)
        .map(({ value, values }) => ({ labels: labelled(labels, values), value })),
    }),
  }
}

export interface Durations {
  observe(durationMs: number, ...values: readonly string[]): void
  family(): Family
}

interface Distribution {
  readonly values: readonly string[]
  /** Per bound, and one for what is longer than all. */
  readonly buckets: number[]
  sumS: number
}

/** A histogram in seconds. */
export function createDurations(named: Named, boundsS: readonly number[]): Durations {
  const distributions = new Map<string, Distribution>()
  return {
    observe(durationMs, ...values) {
      const key = values.join("\n")
      let found = distributions.get(key)
      if (found === undefined) {
        found = { values, buckets: Array.from({ length: boundsS.length + 1 }, () => 0), sumS: 0 }
        distributions.set(key, found)
      }
      const seconds = durationMs / 1000
      const above = boundsS.findIndex((bound) => seconds <= bound)
      const bucket = above < 0 ? boundsS.length : above
      found.buckets[bucket] = (found.buckets[bucket] ?? 0) + 1
      found.sumS += seconds
    },
    family: () => ({
      name: named.name,
      help: named.help,
      type: "histogram",
      samples: [...distributions.values()].flatMap((one) => samplesOf(one, named.labels, boundsS)),
    }),
  }
}

function samplesOf(
  { buckets, sumS, values }: Distribution,
  names: readonly string[],
  boundsS: readonly number[],
): readonly Sample[] {
  const labels = labelled(names, values)
  let total = 0
  const bucketSamples = buckets.map((count, index): Sample => {
    total += count
    return { labels: { ...labels, le: String(boundsS[index] ?? "+Inf") }, suffix: "_bucket", value: total }
  })
  return [
    ...bucketSamples,
    { labels, suffix: "_sum", value: sumS },
    { labels, suffix: "_count", value: total },
  ]
}

function labelled(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]))
}
