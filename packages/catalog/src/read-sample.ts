/** What an entry makes of a sample, to compare with what the sample says. */
import type { ConnectorDefinition } from "./define.ts"
import type { WireAnswer } from "./dialect.ts"
import { accountFromToken } from "./identity.ts"
import { configFromToken } from "./learned-config.ts"
import type { TokenSample } from "./sample.ts"
import { readTokenAnswer } from "./translate.ts"

export function sampleAnswer({ given }: TokenSample): WireAnswer {
  return { status: given.status, headers: given.headers ?? {}, body: given.body }
}

/** The entry's reading of a sample's answer, in the words of `TokenSample["means"]`. */
export function readSample(
  entry: ConnectorDefinition,
  sample: TokenSample,
): Readonly<Record<string, unknown>> {
  const read = readTokenAnswer(entry, sample.phase, sampleAnswer(sample))
  if (read.kind === "unreadable") return { unreadable: true }
  if (read.kind === "refused") {
    return {
      refusal: read.refusal,
      ...(read.providerError === null ? {} : { providerError: read.providerError }),
    }
  }
  const { accessToken, refreshToken, expiresIn, expiresAtMs, scopes, json } = read
  const config = configFromToken(entry, json)
  const account = accountFromToken(entry, json)
  return {
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(expiresIn === undefined ? {} : { expiresInS: expiresIn }),
    ...(expiresAtMs === null ? {} : { expiresAt: new Date(expiresAtMs).toISOString() }),
    ...(scopes === null ? {} : { scopes }),
    ...(Object.keys(config).length === 0 ? {} : { config }),
    ...(account === null ? {} : { account }),
  }
}
