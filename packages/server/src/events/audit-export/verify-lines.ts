/** Whether the lines of an exported file are what was written, each by itself and all of them together. */
import type { KeyObject } from "node:crypto"
import { follows } from "../audit-chain/judge-break.ts"
import { parseLine } from "./export-line.ts"

export interface FileReport {
  readonly status: "intact" | "broken"
  readonly lines: number
  /** Events that were checked; the others are older than the chain. */
  readonly checked: number
  readonly first: number | null
  readonly last: number | null
  /** Numbers between the first and the last that the file does not hold: as many as a filter left out. */
  readonly absent: number
  /** Counts from 1. */
  readonly brokenLine: number | null
}

/** @param keyOf the key of a workspace's chain; undefined: there is none */
export async function verifyLines(
  lines: AsyncIterable<string>,
  keyOf: (workspaceId: string) => Promise<KeyObject | undefined>,
): Promise<FileReport> {
  const seen = new Set<number>()
  let count = 0
  let brokenLine: number | null = null
  for await (const text of lines) {
    if (text === "") continue
    count += 1
    if (isOlderThanChain(text)) continue
    const line = parseLine(text)
    const key = line && (await keyOf(line.event.workspaceId))
    const { sequence } = line?.event.link ?? { sequence: 0 }
    const isGood = line && key && !seen.has(sequence) && follows(key, line.previous.mac, sequence, line.event)
    if (!isGood) {
      brokenLine = count
      break
    }
    seen.add(sequence)
  }
  return { ...summary(seen), lines: count, brokenLine, status: brokenLine === null ? "intact" : "broken" }
}

function isOlderThanChain(text: string): boolean {
  return text.includes('"sequence":null') && text.includes('"mac":null')
}

function summary(seen: ReadonlySet<number>): Pick<FileReport, "absent" | "checked" | "first" | "last"> {
  let first = Infinity
  let last = 0
  for (const sequence of seen) {
    first = Math.min(first, sequence)
    last = Math.max(last, sequence)
  }
  if (seen.size === 0) return { checked: 0, first: null, last: null, absent: 0 }
  return { checked: seen.size, first, last, absent: last - first + 1 - seen.size }
}
