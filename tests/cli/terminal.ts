/** A program in a terminal: what stands on the screen, and keys to press. */
import { stripVTControlCharacters } from "node:util"
import { spawn } from "@lydell/node-pty"

export interface Terminal {
  /** Everything that was shown so far, without colours. */
  screen(): string
  /** Waits until the text is there; what stands before it counts no more. */
  see(wanted: RegExp): Promise<RegExpExecArray>
  press(keys: string): void
  readonly exit: Promise<number>
}

const patienceMs = 60_000

export function openTerminal(
  file: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Terminal {
  const child = spawn(file, [...args], { ...options, env: { ...options.env }, cols: 250, rows: 50 })
  let shown = ""
  let seen = 0
  const listeners = new Set<() => void>()
  child.onData((data) => {
    shown += stripVTControlCharacters(data)
    for (const listener of listeners) listener()
  })
  const exit = new Promise<number>((done) => child.onExit(({ exitCode }) => done(exitCode)))
  return {
    screen: () => shown,
    see(wanted) {
      return new Promise((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error(`${wanted} is not on the screen:\n${shown}`)),
          patienceMs,
        )
        const look = (): void => {
          const match = wanted.exec(shown.slice(seen))
          if (!match) return
          seen += match.index + match[0].length
          clearTimeout(late)
          listeners.delete(look)
          resolve(match)
        }
        listeners.add(look)
        look()
      })
    },
    press: (keys) => child.write(keys),
    exit,
  }
}

export const keys = { enter: "\r", escape: "\u001b", left: "\u001b[D", no: "n", interrupt: "\u0003" }
