/** A plan for people's eyes. */
import type { Output } from "../terminal/output.ts"
import type { Difference } from "./compare.ts"

/** @returns whether anything changes */
export function showDifferences(output: Output, differences: readonly Difference[]): boolean {
  const shown = differences.filter(({ kind }) => kind !== "same")
  for (const difference of shown) showOne(output, difference)
  const same = differences.length - shown.length
  if (same > 0) output.line(output.style("dim", `  ${same} unchanged`))
  return shown.length > 0
}

function showOne(output: Output, difference: Difference): void {
  const green = (text: string): string => output.style("green", text)
  const red = (text: string): string => output.style("red", text)
  switch (difference.kind) {
    case "add":
      output.line(green(`+ ${difference.type}`))
      if (difference.scopes === null) output.line(output.style("dim", "    the default scopes"))
      for (const scope of difference.scopes ?? []) output.line(green(`    + ${scope}`))
      return
    case "change":
      output.line(output.style("yellow", `~ ${difference.type}`))
      for (const scope of difference.added) output.line(green(`    + ${scope}`))
      for (const scope of difference.removed) output.line(red(`    - ${scope}`))
      return
    case "reconnect":
      output.line(output.style("yellow", `~ ${difference.type}`))
      output.line(output.style("dim", `    is ${difference.status}: somebody has to consent again`))
      return
    case "remove":
      output.line(red(`- ${difference.type}`))
      output.line(output.style("dim", "    disconnected and forgotten"))
      return
    case "same":
      return
  }
}
