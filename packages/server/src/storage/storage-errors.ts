/** Refusals of the storage that are not trouble: something is in the way, and the message says what to do about it. */

/** Another process has the database file. */
export class StorageLocked extends Error {
  override readonly name = "StorageLocked"
}

/** The database was written by a newer program. */
export class StorageTooNew extends Error {
  override readonly name = "StorageTooNew"
}

/** An insert met a row with the same id, or the same value where it must be unique. */
export class AlreadyExists extends Error {
  override readonly name = "AlreadyExists"
}

/** A row cannot go while a live connection needs it. */
export class StillInUse extends Error {
  override readonly name = "StillInUse"
}
