/**
 * How Microsoft Entra's refusals are read. `error` is coarse: invalid_grant stands for an expired token and for a
 * missing second factor alike, invalid_client for a wrong secret and for a wrong redirect URI. `suberror` and the
 * numbers tell them apart; where neither is known, `error` decides.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
import type { Refusal, RefusalRule } from "../define.ts"

/** By `error_codes`, else by the number with which the description begins. */
function numbered(means: Refusal, numbers: readonly number[]): RefusalRule[] {
  return numbers.flatMap((number) => [
    { subtype: String(number), means },
    { descriptionIncludes: `AADSTS${number}:`, means },
  ])
}

/** The secret or certificate: wrong, expired, missing, badly signed, or sent where the platform is a public client. */
const clientCredentials = [7000215, 7000222, 7000218, 70002, 700027, 700030, 700025, 50012]

/** The app registration: unknown in the tenant, disabled, or not meant for these accounts. */
const clientRegistration = [
  700016, 700011, 70001, 7000112, 50194, 9002332, 90124, 90130, 650052, 650056, 650057,
]

/** The request itself. 500112, a redirect URI other than at consent, comes under the name of invalid_client. */
const request = [500112, 50011, 70004]

const tooMany = [50196, 90055]

const passing = [50033, 50087, 70012, 90006, 90012, 90024, 90033, 90090]

/**
 * The person has to appear: multi-factor sign-in, Conditional Access, sign-in frequency, an expired password, a new
 * consent, or an account that the tenant does not let in.
 */
const signInAgain = [
  50020, 50055, 50058, 50072, 50074, 50076, 50078, 50079, 50085, 50089, 50097, 50105, 50125, 50131, 50132,
  50133, 50135, 50144, 50155, 50158, 53000, 53001, 53002, 53003, 53004, 53011, 530032, 530035, 65001, 65004,
  70043, 90008, 90094, 90095, 700020, 9002341,
]

const interactionSuberrors = [
  "basic_action",
  "additional_action",
  "message_only",
  "consent_required",
  "user_password_expired",
  "protection_policies_required",
]

/** In this order: a client's fault is never a dead grant, whatever else the answer says. */
export const microsoftRefusals: readonly RefusalRule[] = [
  ...numbered("invalid_client", clientCredentials),
  ...numbered("unauthorized_client", clientRegistration),
  ...numbered("invalid_request", request),
  ...numbered("rate_limited", tooMany),
  ...numbered("temporarily_unavailable", passing),
  ...numbered("interaction_required", signInAgain),
  ...interactionSuberrors.map((subtype) => ({ subtype, means: "interaction_required" as const })),
  { error: "invalid_resource", means: "invalid_scope" },
]
