/** Reads one connector file: its shape, with the place of everything in it. Pure. */
import { nearestNames } from "@grantry/catalog"
import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser"
import type { Problem } from "./problem.ts"
import { positionAt } from "./source-position.ts"

/** A value and where it stands in the file. */
export interface Placed<Value> {
  readonly value: Value
  readonly offset: number
}

export interface PlacedMember extends Placed<string> {
  readonly keyOffset: number
}

export interface ConnectorFile {
  /** Absolute path. */
  readonly path: string
  /** As the person would type it. */
  readonly file: string
  readonly text: string
  readonly type: Placed<string>
  /** null: the file leaves them to the server. */
  readonly scopes: readonly string[] | null
  readonly config: ReadonlyMap<string, PlacedMember>
}

export interface SourceFile {
  readonly path: string
  readonly file: string
  readonly text: string
}

export type ParsedFile =
  | { readonly connector: ConnectorFile; readonly problems: readonly [] }
  | { readonly connector: null; readonly problems: readonly Problem[] }

const fields = ["type", "scopes", "connection_config"]

export function parseConnectorFile(source: SourceFile): ParsedFile {
  const reader = createReader(source)
  const root = reader.root()
  const members = root && reader.members(root, "a connector", fields)
  if (!members) return { connector: null, problems: reader.problems }
  const type = reader.type(members.get("type"), root)
  const scopes = reader.scopes(members.get("scopes"))
  const config = reader.config(members.get("connection_config"))
  if (reader.problems.length > 0 || !type) return { connector: null, problems: reader.problems }
  return { connector: { ...source, type, scopes, config }, problems: [] }
}

type Members = ReadonlyMap<string, Node>

function createReader({ file, text }: SourceFile) {
  const problems: Problem[] = []
  const note = (offset: number, message: string): undefined => {
    problems.push({ file, ...positionAt(text, offset), message })
    return undefined
  }

  function root(): Node | undefined {
    const errors: ParseError[] = []
    const tree = parseTree(text, errors, { allowTrailingComma: true })
    const [error] = errors
    if (error) return note(error.offset, `not JSON: ${inWords(error)}`)
    if (tree?.type === "object") return tree
    return note(tree?.offset ?? 0, 'must hold an object, e.g. { "type": "slack", "scopes": ["chat:write"] }')
  }

  function members(node: Node, what: string, known?: readonly string[]): Members {
    const found = new Map<string, Node>()
    for (const { children: [key, value] = [] } of node.children ?? []) {
      if (!key || !value) continue
      const name = String(key.value)
      if (found.has(name)) note(key.offset, `"${name}" is given twice; remove one`)
      if (known && !known.includes(name)) note(key.offset, unknownField(name, what, known))
      found.set(name, value)
    }
    return found
  }

  function textAt(node: Node, what: string): Placed<string> | undefined {
    if (node.type === "string" && node.value !== "") return { value: String(node.value), offset: node.offset }
    return note(node.offset, `${what} must be text in quotes`)
  }

  return {
    problems,
    root,
    members,
    type(node: Node | undefined, owner: Node): Placed<string> | undefined {
      if (!node) return note(owner.offset, 'has no "type"; add e.g. "type": "slack"')
      return textAt(node, '"type"')
    },
    scopes(node: Node | undefined): readonly string[] | null {
      if (!node) return null
      if (node.type !== "array") {
        note(node.offset, '"scopes" must be a list, e.g. ["chat:write"]')
        return null
      }
      return (node.children ?? []).flatMap((item) => textAt(item, "a scope")?.value ?? [])
    },
    config(node: Node | undefined): ReadonlyMap<string, PlacedMember> {
      const values = new Map<string, PlacedMember>()
      if (!node) return values
      if (node.type !== "object") {
        note(node.offset, '"connection_config" must be an object, e.g. { "subdomain": "acme" }')
        return values
      }
      for (const [name, value] of members(node, "connection_config")) {
        const placed = textAt(value, `"${name}"`)
        if (placed) values.set(name, { ...placed, keyOffset: value.parent?.offset ?? placed.offset })
      }
      return values
    },
  }
}

function unknownField(name: string, what: string, known: readonly string[]): string {
  const [nearest] = nearestNames(
    name,
    known.map((one) => ({ name: one, alsoKnownAs: one })),
    1,
  )
  const hint =
    nearest === undefined ? `the fields of ${what} are ${known.join(", ")}` : `did you mean "${nearest}"?`
  return `unknown field "${name}": ${hint}`
}

/** `CommaExpected` → `comma expected`. */
function inWords({ error }: ParseError): string {
  return printParseErrorCode(error)
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
}
