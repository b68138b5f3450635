/** Which app a command is about. */
import { usageError } from "../cli-error.ts"
import { type Environment, textOf } from "../environment.ts"
import { findAppFile } from "./project-folder.ts"

export interface ChosenApp {
  readonly id: string
  /** For people: the flag, the variable or the file. */
  readonly from: string
}

/** @throws CliError when nothing names one */
export async function chooseApp(flag: string | undefined, env: Environment, cwd: string): Promise<ChosenApp> {
  if (flag !== undefined && flag.trim() !== "") return { id: flag.trim(), from: "--app" }
  const named = textOf(env, "GRANTRY_APP_ID")
  if (named !== undefined) return { id: named, from: "GRANTRY_APP_ID" }
  const file = await findAppFile(cwd)
  if (file) return { id: file.appId, from: file.path }
  throw usageError(
    "No app is chosen.",
    "Pass --app ID, or set GRANTRY_APP_ID, or write the choice into the project: grantry apps use ID",
    "Your apps: grantry apps list",
  )
}
