/** The published JSON Schema says what the catalogue's define.ts says: neither may move without the other. */
import { readFileSync } from "node:fs"
import { builtInDefinitions, categories, type ConnectorInput, defineConnector } from "@grantry/catalog"
import { describe, expect, it } from "vitest"
import { compileSchemaCheck } from "./schema-problems.ts"

type Schema = Readonly<Record<string, unknown>>

const file = new URL("../../../catalog/connector.schema.json", import.meta.url)
const schema = JSON.parse(readFileSync(file, "utf8")) as Schema
const problems = compileSchemaCheck()

/** All that an entry must say, and every section that it may leave out. */
const minimal = {
  type: "acme_crm",
  displayName: "Acme",
  description: "A service of one operator.",
  authorize: { url: "https://acme.example/authorize" },
  token: { url: "https://acme.example/token", clientAuth: "basic", lifetimeS: 3600 },
  refresh: { rotates: true, reuseGraceS: 0 },
  revocation: { url: "https://acme.example/revoke", tokens: ["refresh_token"], auth: "basic", ends: "token" },
  identity: {},
  config: {
    asked: [
      {
        name: "site",
        displayName: "Site",
        description: "Which site.",
        pattern: "^[a-z]+$",
        patternError: "Give a site.",
      },
    ],
    fromApi: [{ url: "https://acme.example/api/me", values: [] }],
  },
  api: { baseUrls: ["https://acme.example/api"] },
  scopes: [],
  setup: { registerUrl: "https://acme.example/", documentationUrl: "https://acme.example/", pitfalls: [] },
} as const satisfies Omit<ConnectorInput, "samples">

describe("connector.schema.json", () => {
  it.each(builtInDefinitions.map((definition) => [definition.type, definition] as const))(
    "takes the data of %s as it is, every member of it",
    (_, { dialect: __, ...data }) => {
      expect(problems(structuredClone(data))).toEqual([])
    },
  )

  it("takes an entry that leaves out all that has a default", () => {
    expect(problems(minimal)).toEqual([])
  })

  it("takes every member that define.ts gives a default to, so that none can be forgotten here", () => {
    const { dialect: _, ...completed } = defineConnector({ ...minimal, samples: [] })
    expect(problems(completed)).toEqual([])
  })

  it.each(["authorize", "token", "refresh", "revocation", "api", "config"] as const)(
    "has no member of %s that define.ts does not know",
    (section) => {
      const completed = defineConnector({ ...minimal, samples: [] })[section]
      expect(membersOf(section).toSorted()).toEqual(Object.keys(completed ?? {}).toSorted())
    },
  )

  it.each(requiredPaths(minimal).map((path) => [path.join("."), path] as const))("demands %s", (_, path) => {
    expect(problems(without(minimal, path))).toHaveLength(1)
  })

  it("has the categories of define.ts", () => {
    const { category } = schema["properties"] as Readonly<Record<string, Schema>>
    expect(category?.["enum"]).toEqual(categories)
  })

  it("takes no code", () => {
    expect(problems({ ...minimal, dialect: {} })).toHaveLength(1)
  })

  it("has the refusals of its samples in common with those of its rules", () => {
    const { refusal, sample } = schema["$defs"] as Readonly<Record<string, Schema>>
    expect(JSON.stringify(sample)).toContain(JSON.stringify(refusal?.["enum"]).slice(1, -1))
  })
})

function membersOf(section: string): string[] {
  const definitions = schema["$defs"] as Readonly<Record<string, Schema>>
  return Object.keys(definitions[section]?.["properties"] ?? {})
}

/** Every member of the minimal entry but those that may be left out. */
function requiredPaths(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([key, part]) => {
    const here = [...path, key]
    const inside = requiredPaths(part, here)
    return key === "config" || key === "asked" || key === "fromApi" ? inside : [here, ...inside]
  })
}

function without(value: unknown, [key = "", ...rest]: readonly string[]): unknown {
  const { [key]: part, ...others } = value as Schema
  return rest.length === 0 ? others : { ...others, [key]: without(part, rest) }
}
