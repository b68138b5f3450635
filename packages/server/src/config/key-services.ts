/** Settings for master keys that are in a key service. */
import { keyServiceOpener } from "../vault/key-services/open-key-service.ts"
import type { KeyServiceAccess } from "../vault/key-services/key-service.ts"
import type { ServiceMasterKeyOptions } from "../vault/service-master-key.ts"
import { parseDataDir, wholeNumber } from "./parse-value.ts"
import { BadValue, type Settings } from "./settings.ts"

/** The services' own credentials are found by their libraries; Vault's token is the one that is ours to read. */
export function readKeyServices(settings: Settings): ServiceMasterKeyOptions {
  const endpoint = (variable: string) =>
    settings.read<string | null>({ variable, fallback: null, parse: parseEndpoint })
  const access: KeyServiceAccess = {
    awsEndpoint: endpoint("AWS_ENDPOINT_URL_KMS"),
    gcpEndpoint: endpoint("GRANTRY_GCP_KMS_ENDPOINT"),
    vaultToken: settings.read<string | null>({
      variable: "GRANTRY_VAULT_TOKEN",
      secret: true,
      fallback: null,
      parse: parseHeaderValue,
    }),
    vaultTokenFile: settings.read<string | null>({
      variable: "GRANTRY_VAULT_TOKEN_FILE",
      fallback: null,
      parse: parseDataDir,
    }),
    vaultNamespace: settings.read<string | null>({
      variable: "GRANTRY_VAULT_NAMESPACE",
      fallback: null,
      parse: parseHeaderValue,
    }),
    timeoutMs: settings.read({
      variable: "GRANTRY_KEY_SERVICE_TIMEOUT_MS",
      fallback: 5_000,
      parse: wholeNumber(500, 60_000),
    }),
  }
  return { open: keyServiceOpener(access), timeoutMs: access.timeoutMs }
}

function parseEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain =
    url && /^https?:$/.test(url.protocol) && url.username === "" && url.search === "" && url.hash === ""
  if (!isPlain) throw new BadValue('an http: or https: address, e.g. "https://kms.eu-west-1.amazonaws.com"')
  return text
}

function parseHeaderValue(text: string): string {
  if (!/^[\x21-\x7e]{1,8192}$/.test(text)) throw new BadValue("printable characters without spaces")
  return text
}
