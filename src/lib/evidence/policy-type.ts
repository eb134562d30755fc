/**
 * The media type of what a verdict stood on: the canonical policy, and the files that it names by digest.
 *
 * These bytes are named by digest, so redaction must not change them. People stand in them by the names under which they
 * act, as in a record; what is found beyond that (credentials, identifiers) stops the record.
 */
export const POLICY_TYPE = 'application/vnd.hipaa-ci.policy+json'
