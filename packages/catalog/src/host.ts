/** What text may become part of a host name, and where a host may lie (RFC 1123 section 2.1, RFC 5890 section 2.3.1). */

const maxHostLength = 253
const maxLabelLength = 63

/**
 * Why a text must not become part of a host name.
 *
 * @param text one label or several joined by dots
 * @returns a reason that completes "The value …", or null
 */
export function hostProblem(text: string): string | null {
  if (text.length > maxHostLength) return `is longer than ${maxHostLength} characters`
  if (!/^[A-Za-z0-9.-]+$/.test(text)) return "may hold only letters a–z, digits, hyphens and dots"
  for (const label of text.split(".")) {
    if (label === "") return "must not begin or end with a dot or hold two in a row"
    if (label.length > maxLabelLength) return `has a part of more than ${maxLabelLength} characters`
    if (label.startsWith("-") || label.endsWith("-")) return "has a part that begins or ends with a hyphen"
    // A label in punycode shows one name and means another.
    if (/^xn--/i.test(label)) return "must not hold an internationalised (xn--) name"
  }
  return null
}

/** Whether a host is one of the suffixes or lies under one. */
export function liesUnder(host: string, suffixes: readonly string[]): boolean {
  return suffixes.some((suffix) => host === suffix || host.endsWith(`.${suffix}`))
}
