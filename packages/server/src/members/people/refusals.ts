import { GrantryError } from "../../errors.ts"

export function lastOwner(workspaceName: string): GrantryError {
  const message = `This is the last owner of the workspace ${JSON.stringify(workspaceName)}. Make somebody else an owner first, or delete the workspace.`
  return new GrantryError("LAST_OWNER", 409, message)
}

export function ownPersonalWorkspace(): GrantryError {
  const message = "This is that member's personal workspace: they stay its owner."
  return new GrantryError("LAST_OWNER", 409, message)
}

export function alreadyMember(email: string): GrantryError {
  const message = `${email} is a member of this workspace already. Change the role instead.`
  return new GrantryError("ALREADY_MEMBER", 409, message)
}

export function noSuchMember(): GrantryError {
  return new GrantryError("NOT_FOUND", 404, "There is no such member.")
}

export function noSuchInvitation(): GrantryError {
  const message =
    "This invitation is used up, withdrawn or over: it lives seven days. Ask whoever invited you for another one."
  return new GrantryError("NOT_FOUND", 404, message)
}
