/** One line for each thing measured. */
export interface Row {
  readonly what: string
  /** As DESIGN.md puts it; null: shown for information, nothing is demanded. */
  readonly target: string | null
  readonly measured: string
  readonly ratio: string
  /** null: nothing is demanded. */
  readonly met: boolean | null
}

export interface Report {
  readonly rows: readonly Row[]
  /** What a reader must know to judge the rows. */
  readonly notes: readonly string[]
}

export function printReport({ rows, notes }: Report): void {
  for (const row of rows) {
    const verdict = row.met === null ? "      " : row.met ? "met   " : "MISSED"
    const target = row.target === null ? "" : `  [target ${row.target}]`
    console.log(`${verdict}  ${row.what}${target}`)
    console.log(`        ${row.measured}${row.ratio === "" ? "" : `  →  ${row.ratio}`}`)
  }
  for (const note of notes) console.log(`        note: ${note}`)
}
