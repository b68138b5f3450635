/** `grantry doctor` on the server's own machine: configuration, database, keys, addresses, providers. Changes nothing. */
import { existsSync } from "node:fs"
import { access, constants } from "node:fs/promises"
import { join } from "node:path"
import type { Catalog } from "@grantry/catalog"
import { type Config, ConfigError, type Environment, readCatalogDir, readConfig } from "../config.ts"
import { knownNames } from "../config/known-names.ts"
import { loadCatalog } from "../operator-catalog/load-catalog.ts"
import { type KeyRecords, openKeyRecords } from "../storage/open-key-records.ts"
import { loadOrCreateMasterKey } from "../vault/development-key.ts"
import { closeMasterKeys, MasterKeyMismatch, MasterKeyUnavailable, testMasterKeys } from "../vault/vault.ts"
import type { Finding } from "./finding.ts"
import { inspectDataKeys } from "./inspect-data-keys.ts"
import { inspectProviders } from "./inspect-providers.ts"

export type { Finding } from "./finding.ts"

export async function inspectConfiguration(env: Environment): Promise<readonly Finding[]> {
  const read = await readAll(env)
  if ("findings" in read) return read.findings
  const { catalog, config } = read
  return [
    { check: "configuration", status: "ok", detail: config.production ? "production" : "development" },
    await inspectDataDir(config),
    ...(await inspectDatabase(config)),
    inspectPublicUrl(config),
    ...(await inspectConfiguredProviders(config, catalog)),
  ]
}

type Read = { readonly config: Config; readonly catalog: Catalog } | { readonly findings: readonly Finding[] }

async function readAll(env: Environment): Promise<Read> {
  try {
    const catalog = await loadCatalog(readCatalogDir(env))
    return { catalog, config: readConfig(env, knownNames(catalog)) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const fix = "docs/configuration.md has every variable."
    return {
      findings: error.problems.map(({ line }) => ({
        check: "configuration",
        status: "failed",
        detail: line,
        fix,
      })),
    }
  }
}

async function inspectDataDir({ dataDir }: Config): Promise<Finding> {
  const check = "data folder"
  if (!existsSync(dataDir))
    return { check, status: "ok", detail: `${dataDir} will be made at the first start` }
  try {
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
    return { check, status: "ok", detail: dataDir }
  } catch (error) {
    if (!isSystemError(error)) throw error
    const fix = "Give it to the user that runs the server (chown), or name another one in GRANTRY_DATA_DIR."
    return { check, status: "failed", detail: `${dataDir} cannot be written (${error.code})`, fix }
  }
}

async function inspectDatabase(config: Config): Promise<readonly Finding[]> {
  const isFile = config.databaseUrl.startsWith("file:")
  try {
    const records = await openKeyRecords(config.databaseUrl)
    if (!records) return [{ check: "database", status: "ok", detail: "will be made at the first start" }]
    try {
      await records.meta.get("doctor")
      const reached: Finding = {
        check: "database",
        status: "ok",
        detail: isFile ? config.databaseUrl : "PostgreSQL answers",
      }
      return [reached, await inspectKeys(config, records), await inspectDataKeys(records)]
    } finally {
      await records.close()
    }
  } catch (error) {
    return [databaseFailure(isFile, error)]
  }
}

/** The driver's text may hold the address with its password: only its code and first line are shown. */
function databaseFailure(isFile: boolean, error: unknown): Finding {
  const message = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)
  if (/no such (table|column)|(relation|column) .* does not exist/.test(message))
    return { check: "database", status: "ok", detail: "its tables are made at the next start" }
  return {
    check: "database",
    status: "failed",
    detail: message.replace(/\/\/[^@\s]*@/, "//…@"),
    fix: isFile
      ? "Check the file's owner and that its disk has room."
      : "Check GRANTRY_DATABASE_URL, and that PostgreSQL takes connections from here.",
  }
}

async function inspectKeys(config: Config, { meta }: KeyRecords): Promise<Finding> {
  const check = "master key"
  const isGenerated = config.masterKeys === null
  if (isGenerated && !existsSync(join(config.dataDir, "master.key")))
    return { check, status: "ok", detail: "will be made in the data folder at the first start" }
  try {
    const masterKeys = await loadOrCreateMasterKey(config)
    try {
      await testMasterKeys(masterKeys, meta)
    } finally {
      await closeMasterKeys(masterKeys)
    }
    return { check, status: "ok", detail: `"${masterKeys.first.id}" opens what is stored` }
  } catch (error) {
    if (error instanceof MasterKeyUnavailable) {
      const fix = "docs/operating.md says what each key service needs."
      return { check, status: "failed", detail: error.message, fix }
    }
    if (!(error instanceof MasterKeyMismatch || error instanceof ConfigError)) throw error
    return { check, status: "failed", detail: error.message, fix: "Restore the key that was used before." }
  }
}

function inspectPublicUrl({ production, publicUrl, publicUrlGiven }: Config): Finding {
  const check = "public URL"
  const detail = `${publicUrl}; redirect URIs begin with ${publicUrl}/api/external-auth/callback/`
  if (!production || publicUrl.startsWith("https:")) return { check, status: "ok", detail }
  const fix = "Set GRANTRY_PUBLIC_URL to the https address under which browsers reach this server."
  return { check, status: publicUrlGiven ? "warning" : "failed", detail, fix }
}

async function inspectConfiguredProviders(config: Config, catalog: Catalog): Promise<readonly Finding[]> {
  const { byFamily, byType } = config.operatorClients
  const families = Object.keys(byFamily).flatMap((family) => catalog.typesOf(family))
  const types = [...new Set([...Object.keys(byType), ...families])].toSorted()
  if (types.length > 0) return inspectProviders({ catalog, types, allowPrivate: config.allowPrivateNetwork })
  const detail = config.sandbox
    ? "no OAuth client in the environment; the sandbox serves what no workspace has a connector for"
    : "no OAuth client in the environment: each workspace needs connectors of its own"
  return [{ check: "providers", status: "skipped", detail }]
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error
}
