/** Questions to a person; the library is loaded with the first one. */
import { text as readAll } from "node:stream/consumers"
import { CliError } from "../cli-error.ts"

/** @returns false also when the person leaves the question */
export async function confirm(message: string): Promise<boolean> {
  const clack = await import("@clack/prompts")
  return (await clack.confirm({ message })) === true
}

/** @returns undefined when the person leaves the question */
export async function askText(message: string): Promise<string | undefined> {
  const clack = await import("@clack/prompts")
  const answer = await clack.text({ message })
  return typeof answer === "string" ? answer.trim() : undefined
}

/** Reads a secret: asked for without echo, or from a pipe. It is never an argument, since others can see those. */
export async function readSecret(stdin: NodeJS.ReadStream, message: string): Promise<string> {
  const secret = stdin.isTTY ? await askSecret(message) : await readAll(stdin)
  if (secret.trim() === "")
    throw new CliError("No key was given.", {
      code: "NO_KEY",
      hints: ["Type it at the prompt, or pipe it: grantry login --api-key < key-file"],
    })
  return secret.trim()
}

async function askSecret(message: string): Promise<string> {
  const clack = await import("@clack/prompts")
  const answer = await clack.password({ message })
  return typeof answer === "string" ? answer : ""
}
