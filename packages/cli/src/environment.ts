/** The process's environment: the only file of this package that looks at it. */
export type Environment = Readonly<Record<string, string | undefined>>

export function readEnvironment(): Environment {
  return process.env
}

/** A variable that says something. */
export function textOf(env: Environment, variable: string): string | undefined {
  const text = env[variable]?.trim()
  return text === "" ? undefined : text
}
