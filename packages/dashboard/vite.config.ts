import react from "@vitejs/plugin-react"
import { defaultClientConditions, defineConfig } from "vite"

/** Replaced by the server in every answer. */
const cspNonce = "GRANTRY_CSP_NONCE"

const server = "http://localhost:4545"

export default defineConfig({
  plugins: [react()],
  html: { cspNonce },
  resolve: { conditions: ["grantry-source", ...defaultClientConditions] },
  build: {
    target: "es2023",
    // A file as a data: address would need a hole in the content security policy.
    assetsInlineLimit: 0,
    // React, Mantine and the router are one chunk: every page needs them. In kB, before compression.
    chunkSizeWarningLimit: 800,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/connect", "/errors", "/readyz", "/sandbox", "/sign-in", "/start"].map((path) => [
        path,
        server,
      ]),
    ),
  },
})
