/** Plans of workspaces, the lower first; what they cost is the operator's business. */
export const plans = ["free", "builder", "pro", "elite", "enterprise"] as const
export type Plan = (typeof plans)[number]

export function isPlan(text: string): text is Plan {
  return plans.some((plan) => plan === text)
}

/** A plan that is not in the list is below all of them. */
export function includesPlan(plan: string, required: Plan): boolean {
  return plans.findIndex((each) => each === plan) >= plans.indexOf(required)
}
