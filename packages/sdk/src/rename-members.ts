type CamelName<Name> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelName<Tail>>}`
  : Name

/** An answer as callers see it: `expires_at` of the wire is `expiresAt`, and times are dates. */
export type CamelCased<Answer> = {
  -readonly [Name in keyof Answer as CamelName<Name>]: Name extends `${string}_at` | "since"
    ? Date | Exclude<Answer[Name], string>
    : Answer[Name] extends readonly (infer Item)[]
      ? Item[]
      : Answer[Name]
}

/** Renames the members of an answer, not what is inside them. */
export function camelCase<Answer>(answer: unknown): CamelCased<Answer> {
  const renamed: unknown = Object.fromEntries(
    Object.entries<unknown>(Object(answer)).map(([name, value]) => [
      name.replace(/_[a-z]/g, (letter) => letter.charAt(1).toUpperCase()),
      /_at$|^since$/.test(name) && typeof value === "string" ? new Date(value) : value,
    ]),
  )
  return renamed as CamelCased<Answer>
}

/** The reverse for what is sent, where nothing holds a time. */
export function snakeCase(options: object): object {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  )
}
