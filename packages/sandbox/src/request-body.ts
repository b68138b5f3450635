/** Reads a request's body in one of the formats that an endpoint takes. */
import type { ParameterPlace, ReadParameters } from "./parameters.ts"
import { bodyFormat, readJson, readPairs } from "./parameters.ts"
import type { Problem } from "./problems.ts"
import { problem } from "./problems.ts"
import type { ProviderCall } from "./service-profile.ts"

/** Reads parameters that must be in one of the given formats; `other` where they are in none of them. */
export function readBody(
  call: ProviderCall,
  formats: readonly ParameterPlace[],
): ReadParameters | { readonly kind: "other" } {
  const format = bodyFormat(call.headers["content-type"])
  const isBare = format === "none" && call.body === ""
  if (isBare && formats.includes("query")) return readPairs(call.url.searchParams)
  if (format === "form" && formats.includes(format)) return readPairs(new URLSearchParams(call.body))
  return format === "json" && formats.includes(format) ? readJson(call.body) : { kind: "other" }
}

export function bodyProblem(
  read: Exclude<ReturnType<typeof readBody>, { readonly kind: "read" }>,
  formats: readonly ParameterPlace[],
): Problem {
  switch (read.kind) {
    case "repeated":
      return problem("repeated_parameter", `${read.name.slice(0, 100)} is sent more than once.`)
    case "unreadable":
      return problem("invalid_parameter", read.reason.slice(0, 200))
    case "other":
      return problem(
        "unsupported_content_type",
        `The body must be ${formats.map(contentTypeOf).join(" or ")}.`,
      )
  }
}

function contentTypeOf(format: ParameterPlace): string {
  if (format === "query") return "empty, with the parameters in the query"
  return format === "form" ? "application/x-www-form-urlencoded" : "application/json"
}
