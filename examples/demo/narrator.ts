/** Tells what happens in plain words, and stops the demo when something else happens. */

export interface Narrator {
  title(text: string): void
  fact(text: string): void
  /** As much of a secret as may be shown. */
  secret(value: string): string
  /** Tells it as a fact when it is true. @throws DemoFailed with the same words when it is not */
  check(isTrue: boolean, text: string): void
}

export class DemoFailed extends Error {
  override readonly name = "DemoFailed"
}

const shownCharacters = 8

export function narrator(print: (line: string) => void): Narrator {
  let titles = 0
  const fact = (text: string): void => print(`   ✓ ${text}`)
  return {
    fact,
    title(text) {
      titles += 1
      print(`${titles === 1 ? "" : "\n"}${titles}. ${text}`)
    },
    secret: (value) => `${value.slice(0, shownCharacters)}…`,
    check(isTrue, text) {
      if (!isTrue) throw new DemoFailed(`this should be true, but is not: ${text}`)
      fact(text)
    },
  }
}
