/** Finds what a person meant by a misspelt name. */

/** Something to be found: a name and other words for it. */
export interface Nameable {
  readonly name: string
  readonly alsoKnownAs: string
}

const maxLength = 60

/**
 * The nearest known names, best first.
 *
 * @param wanted what was written
 * @param known the names to choose from
 * @param limit how many at most
 * @returns none where nothing is near
 */
export function nearestNames(wanted: string, known: readonly Nameable[], limit: number): string[] {
  const query = plain(wanted.slice(0, maxLength))
  if (query === "") return []
  return known
    .map(({ name, alsoKnownAs }) => ({
      name,
      far: Math.min(distance(query, plain(name)), distance(query, plain(alsoKnownAs))),
    }))
    .filter(({ far }) => far < Infinity)
    .sort((one, other) => one.far - other.far || one.name.localeCompare(other.name))
    .slice(0, limit)
    .map(({ name }) => name)
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "")
}

/** 0 for the same, below 1 for a part of the other, else the edits; Infinity when these are more than a third. */
function distance(query: string, name: string): number {
  if (query === name) return 0
  const shorter = Math.min(query.length, name.length)
  if (shorter >= 3 && (name.startsWith(query) || query.startsWith(name))) return 0.5
  if (shorter >= 4 && (name.includes(query) || query.includes(name))) return 0.75
  const edits = editDistance(query, name)
  return edits <= Math.max(1, Math.floor(query.length / 3)) ? edits : Infinity
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1]
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        row > 1 && column > 1 && swapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity,
      )
    }
    beforeLast = last
    last = current
  }
  return last[to.length] ?? 0
}
