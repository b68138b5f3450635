/** Where a command's words go: results to stdout, all else to stderr, and with `--json` nothing but one document. */
import { styleText } from "node:util"
import type { ErrorDescription } from "../describe-error.ts"

type Style = Parameters<typeof styleText>[0]

export interface Streams {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

export interface Output {
  readonly json: boolean
  /** A person is there to be asked. */
  readonly interactive: boolean
  /** A line for people; silent with `--json`. */
  line(text?: string): void
  /** A line beside the result: progress, hints. */
  note(text: string): void
  /** The machine-readable result; silent without `--json`. */
  result(value: unknown): void
  style(style: Style, text: string): string
  error(description: ErrorDescription): void
}

export function createOutput({ stderr, stdin, stdout }: Streams, json: boolean): Output {
  const style = (format: Style, text: string, stream: NodeJS.WriteStream = stdout): string =>
    styleText(format, text, { stream })
  return {
    json,
    interactive: !json && stdin.isTTY && stdout.isTTY,
    line(text = "") {
      if (!json) stdout.write(`${text}\n`)
    },
    note(text) {
      if (!json) stderr.write(`${text}\n`)
    },
    result(value) {
      if (json) stdout.write(`${JSON.stringify(value, null, 2)}\n`)
    },
    style,
    error({ code, data, hints, message, stack }) {
      if (json) {
        stdout.write(`${JSON.stringify({ error: { code, message, hints, ...data } }, null, 2)}\n`)
        return
      }
      stderr.write(`${style("red", "✗", stderr)} ${message}\n`)
      for (const hint of hints) stderr.write(`  ${hint}\n`)
      if (stack !== null) stderr.write(`${stack}\n`)
    },
  }
}
