/** How many bytes an app downloads for the SDK: one minified module, compressed as a web server would. */
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { build } from "esbuild"

export const targetBytes = 3000

export interface SdkSize {
  readonly minifiedBytes: number
  readonly gzipBytes: number
  /** Of the target; above 1 is too much. */
  readonly ratio: number
}

/** What a page imports. `createClientFromRequest`, which only backend code needs, is left out by its bundler. */
const page = `export {
  ConnectError, createClient, GrantryError, NotConnectedError, ProviderUnavailableError, ReconnectRequiredError
} from "./index.ts"`

export const measureSdkSize = (): Promise<SdkSize> => measure(page)

/** Everything that the package exports. */
export const measureWholeSdk = (): Promise<SdkSize> => measure('export * from "./index.ts"')

async function measure(contents: string): Promise<SdkSize> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(import.meta.dirname, "../packages/sdk/src") },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    write: false,
  })
  const bytes = Buffer.concat(outputFiles.map(({ contents: written }) => written))
  const gzipBytes = gzipSync(bytes, { level: 9 }).length
  return { minifiedBytes: bytes.length, gzipBytes, ratio: gzipBytes / targetBytes }
}

if (import.meta.main) {
  for (const [what, size] of [
    ["a page's part", await measureSdkSize()],
    ["everything", await measureWholeSdk()],
  ] as const) {
    const { minifiedBytes, gzipBytes, ratio } = size
    console.log(
      `SDK, ${what}: ${minifiedBytes} bytes minified, ${gzipBytes} gzipped, ${ratio.toFixed(2)} × ${targetBytes}`,
    )
  }
}
