/**
 * One authorization, from the first call to the stored grant. In running order:
 *
 *   beginShared        a member names what to connect          → an attempt and the connect page's URL
 *   beginAppUser       an app user, an account of their own    → the same
 *   openConnectPage    the person sees whose account and what for
 *   sendToProvider     one click binds this browser            → the provider's consent page
 *   complete           the provider sends the person back
 *     consumeState       once
 *     checkCallback      context, cookie and `iss` must agree
 *     holdForUser        only where the app's page has to say who the user is; then the rest is completeForUser's
 *     exchangeForGrant   the code becomes a grant, the account gets its name
 *     keepOrHold         everything committed; or held, when it is another account than before
 *   completeForUser    the user's own session ends the attempt
 *   answerReplacement  "replace A by B?"
 *   wayBack            how the app's page learns of it
 *   readStatus         what the caller polls
 */
export { beginAppUser } from "./begin-app-user.ts"
export { beginShared } from "./begin-shared.ts"
export { type ConnectPage, openConnectPage } from "./open-connect-page.ts"
export { sendToProvider } from "./send-to-provider.ts"
export { complete, type ConfirmAccount, type Connected, type VerifyUser } from "./complete.ts"
export { completeForUser } from "./complete-for-user.ts"
export { answerReplacement } from "./answer-replacement.ts"
export type { WayBack } from "./way-back.ts"
export { readStatus } from "./read-status.ts"
export { startAttemptSweeper } from "./sweep-attempts.ts"
