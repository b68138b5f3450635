/** How fast data keys are used up. */
import type { SealCounts } from "../../vault/vault.ts"
import type { Family } from "./family.ts"

export function sealCounters({ epochs, reserved }: SealCounts): readonly Family[] {
  const counter = (name: string, help: string, value: number): Family => ({
    name,
    help,
    type: "counter",
    samples: [{ value }],
  })
  return [
    counter("grantry_data_key_epochs_total", "Data keys that this process has made.", epochs),
    counter(
      "grantry_seals_reserved_total",
      "Seals that this process has taken from the budgets of data keys.",
      reserved,
    ),
  ]
}
