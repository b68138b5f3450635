/** What can be known of the files in deploy/ and the Dockerfile without a container engine. */
import { readFileSync } from "node:fs"
import { readConfig } from "@grantry/server"
import { builtInCatalog } from "@grantry/catalog"
import { expect, test } from "vitest"
import { parse, parseAllDocuments } from "yaml"
import { knownNames } from "../harness/server.ts"

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")

interface Service {
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly depends_on?: unknown
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}
const compose = parse(read("deploy/compose.yaml"), { merge: true }) as Compose

interface Container {
  readonly env: readonly { readonly name: string; readonly value?: string }[]
  readonly securityContext: Record<string, unknown>
  readonly livenessProbe: { readonly httpGet: { readonly path: string } }
  readonly readinessProbe: { readonly httpGet: { readonly path: string } }
}
interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec: {
    readonly replicas: number
    readonly selector: unknown
    readonly template: {
      readonly metadata: { readonly labels: unknown }
      readonly spec: {
        readonly containers: readonly Container[]
        readonly securityContext: Record<string, unknown>
      }
    }
  }
}
const manifests = parseAllDocuments(read("deploy/kubernetes.yaml")).map((document) => {
  if (document.errors.length > 0) throw new AggregateError(document.errors)
  return document.toJS() as Manifest
})

/** Every variable must be one that the server reads, with a value that it takes. */
function expectUsable(environment: Readonly<Record<string, string>>): void {
  const filled = Object.entries(environment).map(([name, value]) => [
    name,
    value.replace(/\$\{(\w+):[?-][^}]*\}/g, (_, variable: string) => examples[variable] ?? ""),
  ])
  const given: Readonly<Record<string, string>> = { NODE_ENV: "production", ...Object.fromEntries(filled) }
  const asked = new Set<PropertyKey>()
  const env = new Proxy(given, {
    get(target, name) {
      asked.add(name)
      return Reflect.get(target, name) as unknown
    },
  })
  const config = readConfig(env, knownNames(builtInCatalog))
  expect(Object.keys(given).filter((name) => !asked.has(name))).toEqual([])
  expect(config).toMatchObject({ publicUrl: "https://connect.example.com", sandbox: false })
  expect(config.databaseUrl).toMatch(/^postgres:\/\//)
}

const examples: Readonly<Record<string, string>> = {
  GRANTRY_DOMAIN: "connect.example.com",
  POSTGRES_PASSWORD: "secret",
  GRANTRY_MASTER_KEY: `k1:${Buffer.alloc(32, 1).toString("base64")}`,
  GRANTRY_METRICS_TOKEN: "0123456789abcdef",
}

test("compose: two replicas with folders of their own, settings that the server takes, nothing writable but those", () => {
  const { "grantry-a": a, "grantry-b": b } = compose.services
  for (const replica of [a, b]) {
    expect(replica).toMatchObject({ read_only: true, cap_drop: ["ALL"] })
    expectUsable(replica?.environment ?? {})
  }
  expect(a?.volumes).not.toEqual(b?.volumes)
  const named = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes)
  const used = named.map((volume) => volume.split(":")[0] ?? "").filter((name) => !name.startsWith("."))
  expect(used.toSorted()).toEqual(Object.keys(compose.volumes).toSorted())
})

test("compose: the example of its settings names each variable that it reads, and the proxy each replica", () => {
  const wanted = new Set(Array.from(read("deploy/compose.yaml").matchAll(/\$\{(\w+):/g), (match) => match[1]))
  const given = Array.from(read("deploy/.env.example").matchAll(/^(\w+)=/gm), (match) => match[1])
  expect(new Set(given)).toEqual(wanted)
  const proxy = read("deploy/Caddyfile")
  for (const name of Object.keys(compose.services).filter((one) => one.startsWith("grantry-")))
    expect(proxy).toContain(`${name}:4545`)
  expect(proxy).toContain("respond /metrics 404")
})

test("kubernetes: two replicas, not root, nothing writable, live while the database is away", () => {
  const workload = manifests.find(({ kind }) => kind === "StatefulSet")
  const pod = workload?.spec.template
  const container = pod?.spec.containers[0]
  expect(workload?.spec).toMatchObject({ replicas: 2, selector: { matchLabels: pod?.metadata.labels } })
  expect(pod?.spec.securityContext).toMatchObject({ runAsNonRoot: true })
  expect(container?.securityContext).toMatchObject({
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
  })
  expect(container?.livenessProbe.httpGet.path).toBe("/healthz")
  expect(container?.readinessProbe.httpGet.path).toBe("/readyz")
  const secrets = { GRANTRY_DATABASE_URL: "postgres://u:p@host:5432/grantry", ...examples }
  const env = (container?.env ?? []).map(({ name, value }) => [
    name,
    value ?? secrets[name as keyof typeof secrets] ?? "",
  ])
  expectUsable(Object.fromEntries(env) as Record<string, string>)
})

test("kubernetes: everything is in one namespace, and services and budget mean the same pods", () => {
  expect(new Set(manifests.map(({ metadata }) => metadata.namespace))).toEqual(new Set(["grantry"]))
  expect(manifests.map(({ kind }) => kind).toSorted()).toEqual([
    "Ingress",
    "PodDisruptionBudget",
    "Service",
    "Service",
    "ServiceAccount",
    "StatefulSet",
  ])
  for (const { spec } of manifests.filter(({ kind }) => kind === "Service"))
    expect(spec.selector).toEqual({ app: "grantry" })
})

test("Dockerfile: what it copies is there, it does not run as root, and Node gets the signals", () => {
  const dockerfile = read("Dockerfile")
  const last = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "))
  expect(last).toMatch(/^USER node$/m)
  expect(last).toMatch(/^CMD \["node", "--max-semi-space-size=4", "packages\/server\/dist\/main\.js"\]$/m)
  expect(last).toMatch(/^HEALTHCHECK /m)
  const ignored = read(".dockerignore")
  for (const path of ["package.json", "package-lock.json", "tsconfig.base.json", "packages", "docs/errors"]) {
    expect(ignored).toContain(`!${path}\n`)
  }
})
