/**
 * One authorization, from the first call to the stored grant. In running order:
 *
 *   beginShared        the caller names what to connect        → an attempt and the connect page's URL
 *   openConnectPage    the person sees whose account and what for
 *   sendToProvider     one click binds this browser            → the provider's consent page
 *   complete           the provider sends the person back
 *     consumeAttempt     state, context, cookie and `iss` must agree, once
 *     exchange           the code becomes a grant, the account gets its name
 *     saveGrant          everything committed; or held, when it is another account than before
 *   answerReplacement  "replace A by B?"
 *   readStatus         what the caller polls
 */
export { beginShared } from "./begin-shared.ts"
export { type ConnectPage, openConnectPage } from "./open-connect-page.ts"
export { sendToProvider } from "./send-to-provider.ts"
export { complete, type Completion } from "./complete.ts"
export { answerReplacement } from "./answer-replacement.ts"
export { readStatus } from "./read-status.ts"
export { startAttemptSweeper } from "./sweep-attempts.ts"
