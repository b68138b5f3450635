/** Columns as wide as they need to be. */
import { stripVTControlCharacters } from "node:util"

const gap = "  "

/** @param rows cells may carry colours; the first row is the heading */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = columnWidths(rows)
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - widthOf(cell)))
        .join(gap)
        .trimEnd(),
    )
    .join("\n")
}

function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell))
  return widths
}

function widthOf(cell: string): number {
  return Array.from(stripVTControlCharacters(cell)).length
}
