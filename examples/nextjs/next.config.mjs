import { join } from "node:path"

/** @type {import("next").NextConfig} */
export default {
  // The SDK lies outside this folder, in the checkout that the example is part of.
  turbopack: { root: join(import.meta.dirname, "../..") },
}
