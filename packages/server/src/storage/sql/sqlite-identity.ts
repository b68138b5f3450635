/**
 * Tells a database file from a copy of it. Beside the file stands `<file>.home` with a random name, which a backup of the
 * database does not hold, and a copied file has an inode of its own; a file that was moved keeps both.
 */
import { randomBytes } from "node:crypto"
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs"

export function fileFingerprint(file: string): string {
  const home = `${file}.home`
  if (!existsSync(home)) writeFileSync(home, `${randomBytes(16).toString("hex")}\n`, { mode: 0o600 })
  return `sqlite ${readFileSync(home, "utf8").trim()} ${statSync(file).ino}`
}
