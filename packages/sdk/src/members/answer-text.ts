/** A member of an answer where it is text that says something, whatever the answer is. */
export function textMember(value: unknown, key: string): string | undefined {
  const found: unknown = Reflect.get(Object(value), key)
  return typeof found === "string" && found !== "" ? found : undefined
}
