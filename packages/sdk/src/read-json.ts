/** A member; undefined when there is no such member, whatever the value is. */
export function member(value: unknown, key: string): unknown {
  return Reflect.get(Object(value), key)
}

/** The member where it is text that says something. */
export function textMember(value: unknown, key: string): string | undefined {
  const found = member(value, key)
  return typeof found === "string" && found !== "" ? found : undefined
}

/** The member where it is an array, without whatever in it is not text. */
export function textsMember(value: unknown, key: string): string[] {
  const found = member(value, key)
  return Array.isArray(found) ? found.filter((item) => typeof item === "string") : []
}

/** The member where it is a time in ISO 8601. */
export function dateMember(value: unknown, key: string): Date | undefined {
  const date = new Date(textMember(value, key) ?? NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}
