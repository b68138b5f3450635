import type { Finding } from "@grantry/server"

export function inspectNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  const isNew = major > 22 || (major === 22 && minor >= 18)
  return isNew
    ? { check: "Node", status: "ok", detail: version }
    : {
        check: "Node",
        status: "failed",
        detail: `${version}; 22.18 or newer is needed`,
        fix: "See https://nodejs.org.",
      }
}
