/** A JSON file whose values know where they stand. */
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser"

/** Keys and indices from the root. */
export type JsonLocation = readonly (string | number)[]

export interface FileProblem {
  readonly at: JsonLocation
  /** The problem is the name of this member of the object at `at`. */
  readonly member?: string
  readonly message: string
}

export interface SourceFile {
  /** The parsed JSON; undefined where it could not be read. */
  readonly value: unknown
  /** What keeps the text from being JSON with one meaning. */
  readonly problems: readonly string[]
  /** `file:line:column message`, counted from 1. */
  readonly line: (problem: FileProblem) => string
}

/** @param path as it is shown */
export function readSource(path: string, text: string): SourceFile {
  const errors: ParseError[] = []
  const strictly = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false }
  const root = parseTree(text, errors, strictly)
  const at = (offset: number): string => `${path}:${position(text, offset)}`
  // What follows a first mistake is mostly its consequence.
  const mistake = errors.slice(0, 1).map(({ error, offset }) => `${at(offset)} is not JSON: ${words(error)}`)
  const repeated = root && mistake.length === 0 ? repeatedKeys(root) : []
  const doubled = repeated.map(({ offset, key }) => `${at(offset)} "${key}" stands here a second time`)
  return {
    value: mistake.length > 0 ? undefined : JSON.parse(text),
    problems: [...mistake, ...doubled],
    line: (problem) => `${at(offsetOf(root, problem))} ${problem.message}`,
  }
}

/** `PropertyNameExpected` and the like. */
function words(error: ParseError["error"]): string {
  return printParseErrorCode(error)
    .replace(/(?<=.)([A-Z])/g, " $1")
    .toLowerCase()
}

function position(text: string, offset: number): string {
  const before = text.slice(0, offset).split("\n")
  return `${before.length}:${(before.at(-1) ?? "").length + 1}`
}

/** Of two members with one name JSON takes the last: which one was meant is not for a program to guess. */
function repeatedKeys(node: Node): { readonly offset: number; readonly key: string }[] {
  const children = node.children ?? []
  const inside = children.flatMap(repeatedKeys)
  if (node.type !== "object") return inside
  const names = children.flatMap(({ children: [name] = [] }) => name ?? [])
  const again = names.filter((name, index) => names.findIndex(({ value }) => value === name.value) !== index)
  return [...again.map(({ offset, value }) => ({ offset, key: String(value) })), ...inside]
}

/** The place itself, else the nearest one around it that exists. */
function offsetOf(root: Node | undefined, { at, member }: FileProblem): number {
  if (!root) return 0
  const node = findNodeAtLocation(root, [...at])
  if (!node) return offsetOf(root, { at: at.slice(0, -1), message: "" })
  const [name] =
    member === undefined ? [] : (findNodeAtLocation(root, [...at, member])?.parent?.children ?? [])
  return (name ?? node).offset
}
