/** Reads the control API's bodies: every refusal names the field and what it must hold. */
export class ControlInputError extends Error {
  override readonly name = "ControlInputError"
}

export type ControlInput = Readonly<Record<string, unknown>>

export function controlInput(body: unknown, fields: readonly string[]): ControlInput {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new ControlInputError(`The body must be a JSON object with ${fields.join(", ")}.`)
  }
  const unknown = Object.keys(body).find((name) => !fields.includes(name))
  if (unknown !== undefined)
    throw new ControlInputError(`${unknown.slice(0, 100)} is no field here: use ${fields.join(", ")}.`)
  return { ...body }
}

export interface Range {
  readonly least: number
  readonly most: number
}

export function wholeNumber(input: ControlInput, name: string, { least, most }: Range): number {
  const value = input[name]
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value
  throw new ControlInputError(`${name} must be a whole number from ${least} to ${most}.`)
}

export function optionalNumber(input: ControlInput, name: string, range: Range): number | null {
  return input[name] === undefined || input[name] === null ? null : wholeNumber(input, name, range)
}

export function oneOf<T extends string>(input: ControlInput, name: string, values: readonly T[]): T {
  const found = values.find((value) => value === input[name])
  if (found === undefined) throw new ControlInputError(`${name} must be one of ${values.join(", ")}.`)
  return found
}

export function optionalText(input: ControlInput, name: string): string | null {
  const value = input[name]
  if (value === undefined || value === null) return null
  if (typeof value === "string" && value !== "" && value.length <= 500) return value
  throw new ControlInputError(`${name} must be text of 1 to 500 characters.`)
}

export function optionalTexts(input: ControlInput, name: string): readonly string[] | null {
  const value = input[name]
  if (value === undefined || value === null) return null
  const fits = Array.isArray(value) && value.length <= 100
  const texts = fits
    ? value.filter((item): item is string => typeof item === "string" && item.length <= 2000)
    : []
  if (!fits || texts.length !== value.length)
    throw new ControlInputError(`${name} must be a list of up to 100 texts.`)
  return texts
}
