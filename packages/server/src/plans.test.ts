import { expect, test } from "vitest"
import { includesPlan, plans } from "./plans.ts"

test.each(plans.flatMap((plan, rank) => plans.map((required, needed) => [plan, required, rank >= needed])))(
  "%s where %s is required: %s",
  (plan, required, included) => {
    expect(includesPlan(String(plan), plans.find((each) => each === required) ?? "enterprise")).toBe(included)
  },
)

test("an unknown plan includes none", () => {
  expect(plans.filter((required) => includesPlan("gold", required))).toEqual([])
})
