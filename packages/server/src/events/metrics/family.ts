/** What a scrape shows: families of samples, written as Prometheus text (exposition format 0.0.4). */

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
  /** Of the samples that make up a histogram. */
  readonly suffix?: "_bucket" | "_sum" | "_count"
}

export interface Family {
  readonly name: string
  readonly help: string
  readonly type: "counter" | "gauge" | "histogram"
  readonly samples: readonly Sample[]
}

export function gauge(name: string, help: string, value: number | readonly Sample[]): Family {
  return { name, help, type: "gauge", samples: typeof value === "number" ? [{ value }] : value }
}

export const contentType = "text/plain; version=0.0.4; charset=utf-8"

export function renderFamilies(families: readonly Family[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ help, name, samples, type }) =>
      [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map((one) => line(name, one))].join(
        "\n",
      ),
    )
    .join("\n\n")
    .concat("\n")
}

function line(name: string, { labels = {}, suffix, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}${suffix ?? ""}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${number(value)}`
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")
}

function number(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf"
}
