/** Looks values up and collects what is wrong with them, so that one start reports every problem. */
import { ConfigError, type ConfigProblem } from "./config-error.ts"
import { flagOfVariable, type Flags } from "./flags.ts"

export type Environment = Readonly<Record<string, string | undefined>>

/** A value that cannot be used; the message ends the sentence "…, but it must be". */
export class BadValue extends Error {
  override readonly name = "BadValue"
}

export interface Setting<T> {
  readonly variable: string
  /** The value is not shown. */
  readonly secret?: boolean
  /** An empty value means something; otherwise it counts as not set. */
  readonly mayBeEmpty?: boolean
  readonly fallback: T
  /** @throws BadValue */
  readonly parse: (text: string) => T
}

export interface Settings {
  /** The parsed value, or the fallback; a bad value is noted and the fallback stands in until `finish`. */
  read<T>(setting: Setting<T>): T
  has(variable: string): boolean
  note(variable: string, rest: string): void
  /** @throws ConfigError when anything was noted */
  finish(): void
}

const maxShown = 80

interface Given {
  /** What it was given by, e.g. `GRANTRY_PORT` or `--port`. */
  readonly name: string
  readonly text: string | undefined
}

export function createSettings(env: Environment, flags: Flags = {}): Settings {
  const problems: ConfigProblem[] = []
  const note = (variable: string, rest: string) => problems.push({ variable, line: `${variable} ${rest}` })
  function given(variable: string): Given {
    const flag = flagOfVariable.get(variable)
    const value = flag && flags[flag]
    if (value !== undefined) return { name: `--${flag}`, text: value.trim() }
    return { name: variable, text: env[variable]?.trim() }
  }

  return {
    note,
    has: (variable) => (given(variable).text ?? "") !== "",
    read(setting) {
      const { name, text } = given(setting.variable)
      if (text === undefined || (text === "" && setting.mayBeEmpty !== true)) return setting.fallback
      try {
        return setting.parse(text)
      } catch (error) {
        if (!(error instanceof BadValue)) throw error
        note(
          name,
          `is ${setting.secret === true ? masked(text) : quoted(text)}, but it must be ${error.message}`,
        )
        return setting.fallback
      }
    },
    finish() {
      if (problems.length > 0) throw new ConfigError(problems)
    },
  }
}

function quoted(text: string): string {
  const cut = text.length > maxShown ? `${text.slice(0, maxShown)}…` : text
  return JSON.stringify(cut)
}

function masked(text: string): string {
  return `"***" (${text.length} characters)`
}
