/** Lists by page: CONTRACT section 10. */
import { type Static, Type } from "typebox"
import { GrantryError } from "../errors.ts"
import { unstorableField } from "./storable-text.ts"

const defaultLimit = 50

export const pageQuery = {
  limit: Type.Optional(
    Type.String({ pattern: "^([1-9][0-9]?|1[0-9][0-9]|200)$", description: "1 to 200; 50 unless told" }),
  ),
  cursor: Type.Optional(Type.String({ maxLength: 2_048, description: "next_cursor of the page before" })),
}
export const PageQuery = Type.Object(pageQuery)

/** Where the next page begins: the values by which the list is ordered. */
export type Place = readonly string[]

export interface PageAsked {
  readonly limit: number
  readonly after: Place | undefined
}

/**
 * @param parts how many values a place of this list has
 * @throws INVALID_REQUEST for a cursor that this list did not give
 */
export function pageAsked({ cursor, limit }: Static<typeof PageQuery>, parts: number): PageAsked {
  return {
    limit: limit === undefined ? defaultLimit : Number(limit),
    after: cursor === undefined ? undefined : readCursor(cursor, parts),
  }
}

export function cursorAt(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url")
}

function readCursor(cursor: string, parts: number): Place {
  const place = parse(cursor)
  if (!Array.isArray(place) || place.length !== parts) throw notACursor()
  const texts = place.filter((part) => typeof part === "string")
  if (texts.length !== parts || unstorableField(texts) !== undefined) throw notACursor()
  return texts
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString())
  } catch {
    throw notACursor()
  }
}

export function notACursor(): GrantryError {
  const message = "querystring.cursor is not one that this list gave. Start without it."
  return new GrantryError("INVALID_REQUEST", 400, message)
}
