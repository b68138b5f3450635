/** Which licences what is shipped may have. Pure. */
import type { Manifest } from "./manifests.ts"

/** All of them let Grantry be used, changed and passed on under Apache-2.0. */
const allowed: ReadonlySet<string> = new Set([
  "MIT",
  "MIT-0",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "Unlicense",
  "Python-2.0",
])

/** `name@version` → why it may be shipped all the same. */
export type Exceptions = Readonly<Record<string, string>>

export function licenceProblems(
  manifests: readonly Manifest[],
  exceptions: Exceptions = {},
): readonly string[] {
  const ids = new Set(manifests.map(idOf))
  const refused = manifests.filter((one) => exceptions[idOf(one)] === undefined && !isAllowed(licenceOf(one)))
  const idle = Object.keys(exceptions).filter((id) => !ids.has(id))
  return [
    ...refused.map((one) => `${idOf(one)} has the licence "${licenceOf(one)}", which is not on the list`),
    ...idle.map((id) => `the exception for ${id} is not needed any more`),
  ]
}

const idOf = ({ name, version }: Manifest): string => `${name}@${version}`

function licenceOf({ license, licenses }: Manifest): string {
  if (typeof license === "string") return license
  return license?.type ?? licenses?.map(({ type }) => type ?? "").join(" AND ") ?? ""
}

/** SPDX: with OR one of them suffices, with AND all are needed. */
function isAllowed(expression: string): boolean {
  const plain = expression.replaceAll(/[()]/g, "")
  return plain.split(" OR ").some((choice) => choice.split(" AND ").every((one) => allowed.has(one.trim())))
}
