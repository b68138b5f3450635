/**
 * One part of a path, whatever characters are in it.
 *
 * @throws TypeError unless the value is text that says something
 */
export function pathPart(value: unknown, label: string): string {
  if (typeof value !== "string" || !value) throw new TypeError(`${label} is required and must be a string`)
  // URL parsers resolve dot segments even when they are percent-encoded, so they could name another route.
  if (/^\.\.?$/.test(value)) throw new TypeError(`"${value}" cannot be part of a path`)
  return encodeURIComponent(value)
}

/** Addresses one connector below a path. */
export function connectorPath(connectorId: unknown, base = "app-user-auth"): string {
  return `${base}/connectors/${pathPart(connectorId, "Connector ID")}`
}
