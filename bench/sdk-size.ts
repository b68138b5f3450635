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

export async function measureSdkSize(): Promise<SdkSize> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "../packages/sdk/src/index.ts")],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    write: false,
  })
  const bytes = Buffer.concat(outputFiles.map(({ contents }) => contents))
  const gzipBytes = gzipSync(bytes, { level: 9 }).length
  return { minifiedBytes: bytes.length, gzipBytes, ratio: gzipBytes / targetBytes }
}

if (import.meta.main) {
  const { minifiedBytes, gzipBytes, ratio } = await measureSdkSize()
  console.log(
    `SDK: ${minifiedBytes} bytes minified, ${gzipBytes} gzipped, ${ratio.toFixed(2)} × ${targetBytes}`,
  )
  if (ratio > 1) process.exitCode = 1
}
