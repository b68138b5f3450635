/** `POST /api/apps/{app}/users/token`, with a service key */
export interface MintUserTokenRequest {
  /** 1 to 255 printable characters; must not start with `iss_`. */
  readonly user_id: string
  readonly email?: string | null
  readonly name?: string | null
  /** Seconds, at most a day; an hour when absent. */
  readonly expires_in?: number
}

export interface MintedUserToken {
  readonly token: string
  /** ISO 8601, UTC. */
  readonly expires_at: string
}

/** `GET /api/apps/{app}/entities/User/me` */
export interface AppUser {
  readonly id: string
  readonly email: string | null
  readonly full_name: string | null
  readonly role: "user"
}
