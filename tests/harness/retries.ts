/**
 * How often a test that failed is tried again: `GRANTRY_TEST_RETRIES`, else never. `.ci/run` allows one, so that a
 * machine that stood still for seconds does not hold up a submission; what passed only then is listed at the end.
 */
export const retries = Number(process.env["GRANTRY_TEST_RETRIES"] ?? 0)
