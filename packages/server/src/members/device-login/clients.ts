/** The programs that may ask for a device login. They are public: no secret tells one from another (RFC 8628 section 5.6). */
const names: Readonly<Record<string, string>> = {
  base44_cli: "Base44 command line",
  grantry_cli: "Grantry command line",
}

export function deviceClientName(clientId: string): string | undefined {
  return Object.hasOwn(names, clientId) ? names[clientId] : undefined
}
