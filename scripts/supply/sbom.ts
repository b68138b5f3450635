/** The bill of materials: CycloneDX, with everything that is shipped. Pure. */
import type { Manifest } from "./manifests.ts"

interface Component {
  readonly "bom-ref"?: string
  readonly name?: string
  readonly version?: string
  readonly purl?: string
}

interface Bom {
  readonly bomFormat?: string
  readonly specVersion?: string
  readonly metadata?: { readonly component?: Component }
  readonly components?: readonly Component[]
  readonly dependencies?: readonly { readonly ref?: string; readonly dependsOn?: readonly string[] }[]
}

/**
 * What npm lists, without what only builds and tests. Its own `--omit dev` also leaves out what is shipped and happens to
 * be used by the tests too, and what is compiled into the dashboard.
 *
 * @param name of the whole; npm takes the folder's
 */
export function shippedBom(text: string, name: string, shipped: readonly Manifest[]): string {
  const bom = JSON.parse(text) as Bom
  const ids = new Set(shipped.map(idOf))
  const components =
    bom.components?.filter((one) => ids.has(idOf(one)) || one.name?.startsWith("@grantry/")) ?? []
  const refs = new Set(components.map((one) => one["bom-ref"]))
  const dependencies = bom.dependencies
    ?.filter(({ ref }) => refs.has(ref))
    .map((one) => ({ ...one, dependsOn: one.dependsOn?.filter((ref) => refs.has(ref)) }))
  const metadata = { ...bom.metadata, component: { ...bom.metadata?.component, name } }
  return `${JSON.stringify({ ...bom, metadata, components, dependencies }, null, 2)}\n`
}

const idOf = ({ name, version }: Component): string => `${name}@${version}`

export function bomProblems(text: string, shipped: readonly Manifest[]): readonly string[] {
  const bom = parse(text)
  if (bom?.bomFormat !== "CycloneDX" || !/^1\.\d$/.test(bom.specVersion ?? ""))
    return ["the bill of materials is no CycloneDX document"]
  const components = bom.components ?? []
  const listed = new Set(components.map(idOf))
  const missing = shipped.map(idOf).filter((id) => !listed.has(id))
  const bare = components.filter(
    ({ name, purl, version }) => !name || !version || !purl?.startsWith("pkg:npm/"),
  )
  return [
    ...missing.map((id) => `the bill of materials lacks ${id}`),
    ...bare.map(({ name = "(no name)" }) => `the bill of materials does not identify ${name}`),
    ...(bom.dependencies?.length ? [] : ["the bill of materials does not say what depends on what"]),
  ]
}

function parse(text: string): Bom | undefined {
  try {
    return JSON.parse(text) as Bom
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
