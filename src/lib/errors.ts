/**
 * One error class and ONE table: reason code -> exit code, meaning, fix.
 *
 * `docs/errors.md` is checked against this table by a test. A reason code is
 * stable: scripts match on it. A *failed verdict* is a value, not an AppError;
 * both take their codes from here.
 */

/** Process exit codes. 0 is only ever "done, and the verdict, if any, is a pass". */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  tool: 3,
  unreachable: 4,
  evidence: 5,
  missing: 6,
  bug: 70,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'done; the verdict, if there is one, is verified or pass',
  1: 'done; the verdict is failed (gate failed, signature does not match, exceptions found)',
  2: 'usage: unknown or empty flag, bad configuration, unset variable that was named',
  3: 'a tool is missing, the wrong version, crashed, was killed or timed out',
  4: 'store, registry, key service or query engine out of reach or refusing',
  5: 'evidence unreadable: malformed, wrong schema, broken chain, tampered',
  6: 'missing: nothing to verify was found, or an answer is known to be incomplete',
  70: 'a bug in hipaa-ci',
  130: 'interrupted',
}

/** Where several causes hold, the first one here wins: a definite failure is never hidden by an outage, nor an outage by something missing. */
const PRECEDENCE: readonly ExitCode[] = [130, 70, 2, 1, 5, 4, 3, 6, 0]

/** The exit code that stands for all of `codes`; none means 0. */
export function worstExit(codes: Iterable<ExitCode>): ExitCode {
  const seen = new Set(codes)
  return PRECEDENCE.find((code) => seen.has(code)) ?? EXIT.ok
}

interface Reason {
  readonly exit: ExitCode
  readonly meaning: string
  /** What to type, or what to do. */
  readonly fix: string
}

const DOCTOR = 'hipaa-ci doctor'

// One reason a line, however long.
// prettier-ignore
export const REASONS = {
  // usage
  'usage.flag': {exit: 2, meaning: 'A flag or argument is unknown, missing or badly formed.', fix: 'Add --help to the command to see its flags.'},
  'usage.empty': {exit: 2, meaning: 'A flag, argument or named variable is empty.', fix: 'Give it a value, or leave it out.'},
  'usage.tag': {exit: 2, meaning: 'An image was named by a tag where only a digest is safe.', fix: 'Use the digest printed with this error.'},
  'usage.target': {exit: 2, meaning: 'The target is neither an image reference, an OCI layout, an archive nor a folder.', fix: 'Give HOST/REPO@sha256:…, or the path of an OCI layout, archive or folder.'},
  'usage.repository': {exit: 2, meaning: 'An OCI layout does not say which repository it stands for.', fix: 'Add --repository HOST/REPO, or set the environment\'s `repository`.'},
  'usage.environment': {exit: 2, meaning: 'It is not clear which environment\'s policy applies.', fix: 'Add --environment NAME.'},
  'usage.input': {exit: 2, meaning: 'The input is not what the command takes.', fix: 'Add --help to the command to see what it reads.'},
  'usage.query': {exit: 2, meaning: 'There is no such query, or one of its parameters is wrong.', fix: 'hipaa-ci query'},
  'config.invalid': {exit: 2, meaning: 'The configuration has faults.', fix: 'Correct the lines named; `hipaa-ci init --file example.yaml` writes a commented one.'},
  'config.missing': {exit: 2, meaning: 'No configuration was found where one is needed.', fix: 'hipaa-ci init'},
  'config.exists': {exit: 2, meaning: 'The file is already there and would be overwritten.', fix: 'Remove it first, or add --force.'},
  'key.missing': {exit: 2, meaning: 'No signing key is configured, or its file is not there.', fix: 'hipaa-ci init --generate-key'},
  'key.exists': {exit: 2, meaning: 'A key is there already; a key is never overwritten.', fix: 'Go on with it (without --generate-key), name another one, or move it away first.'},
  'key.unreadable': {exit: 2, meaning: 'A key cannot be read, or its password is wrong.', fix: 'Check the file, its mode, and COSIGN_PASSWORD.'},
  'key.unsupported': {exit: 2, meaning: 'The key is of a kind that not every verifier can check.', fix: 'Use an ECDSA P-256 key (ECC_NIST_P256, SIGN_VERIFY).'},
  'key.not-trusted': {exit: 2, meaning: 'What the key signs would be accepted by nobody.', fix: 'Add its verifier key to `sealing.keys`; the old ones stay there.'},
  'credentials.long-lived': {exit: 2, meaning: 'In CI something would be signed with a credential that does not end by itself.', fix: 'Sign with a key service and a role assumed by OIDC, or allow it by name in `signing.allow-long-lived`.'},
  'policy.weaker': {exit: 2, meaning: 'The configuration allows what the platform\'s policy does not.', fix: 'Tighten the lines named, or take them out.'},
  'policy.unreadable': {exit: 2, meaning: 'The platform\'s policy is missing, unreadable, or not the one that was pinned.', fix: 'Check `floor` (or --policy) and its digest.'},
  'policy.invalid': {exit: 2, meaning: 'The policy cannot be used as it stands.', fix: 'Correct what the message names, in hipaa-ci.yaml or in the platform\'s policy.'},
  'store.unsupported': {exit: 2, meaning: 'The address is not one this version can store to.', fix: 'Use folder:PATH or s3://BUCKET/PREFIX?region=REGION.'},
  'sealing.missing': {exit: 2, meaning: 'Nothing says by which key the log over the evidence is signed, or what it is called.', fix: 'Set `sealing: {key, origin}`; a key is made by: hipaa-ci keys generate checkpoint --for sealing --origin NAME'},
  'checkpoint.unreadable-key': {exit: 2, meaning: 'A verifier key cannot be read.', fix: 'Write <origin>+<8 hex>+<base64>, as `hipaa-ci evidence checkpoint --show-key` prints it.'},
  'spool.unusable': {exit: 2, meaning: 'The spool is no folder of its own, or cannot be written.', fix: 'Name another one with --spool.'},
  'run.invalid': {exit: 2, meaning: 'The run file that HIPAA_CI_RUN names is missing, unreadable or already ended.', fix: 'hipaa-ci run start'},
  // tools
  'tool.missing': {exit: 3, meaning: 'A tool that this step needs was not found.', fix: DOCTOR},
  'tool.version': {exit: 3, meaning: 'A tool was found in a version that is not allowed.', fix: DOCTOR},
  'tool.untrusted': {exit: 3, meaning: 'A tool was found inside the working folder, where a change under test could have put it.', fix: DOCTOR},
  'tool.failed': {exit: 3, meaning: 'A tool ended with an error.', fix: DOCTOR},
  'tool.killed': {exit: 3, meaning: 'A tool was killed by a signal.', fix: 'Give the job more memory, or look for who stopped it.'},
  'tool.timeout': {exit: 3, meaning: 'A tool took longer than allowed.', fix: 'Raise --timeout.'},
  'tool.output': {exit: 3, meaning: 'A tool answered, but its answer cannot be read.', fix: DOCTOR},
  'scan.incomplete': {exit: 3, meaning: 'A scanner did not look at everything.', fix: 'See the list of what was not scanned.'},
  'scan.database-missing': {exit: 3, meaning: 'There is no vulnerability database.', fix: 'hipaa-ci scan <image> --update-db'},
  'scan.database-download': {exit: 3, meaning: 'The vulnerability database could not be downloaded.', fix: 'Check the network and HTTPS_PROXY, or name a mirror in `tools.trivy.db-repository`.'},
  'scan.database-stale': {exit: 3, meaning: 'The vulnerability database is older than allowed.', fix: 'hipaa-ci scan <image> --update-db'},
  'scan.java-database': {exit: 3, meaning: 'The Java index is absent, empty or stale, so archives without coordinates would be overlooked.', fix: 'hipaa-ci scan <image> --update-db'},
  'scan.not-run': {exit: 3, meaning: 'A scanner that the gate asks for did not run.', fix: 'Add --source DIR, or take the limit out of `gate`.'},
  // reach
  'registry.unreachable': {exit: 4, meaning: 'The registry did not answer.', fix: 'Check the address, the network and HTTPS_PROXY.'},
  'registry.refused': {exit: 4, meaning: 'The registry refused the request.', fix: 'Log in to the registry, and check the role\'s rights.'},
  'registry.protocol': {exit: 4, meaning: 'The registry answered in a way that cannot be trusted.', fix: 'Check the address; a proxy or login page may stand between.'},
  'registry.limit': {exit: 4, meaning: 'The registry offers more or larger data than is safe to read.', fix: 'Look at what is attached to the image.'},
  'registry.referrer-lost': {exit: 4, meaning: 'What was attached to the image is not on the registry\'s list.', fix: 'Run the same command again; see that no other writer replaces the list, and use a registry with the referrers API.'},
  'referrers.too-many': {exit: 4, meaning: 'More artifacts are attached to the image than are safe to read.', fix: 'Find out who attaches them, and remove what is not needed.'},
  'key-service.unreachable': {exit: 4, meaning: 'The key service did not answer, or is busy.', fix: 'Check the region, the network and HTTPS_PROXY, and try again.'},
  'key-service.refused': {exit: 4, meaning: 'The key service refused to sign.', fix: 'Check that the key is enabled and that the role may use it (kms:Sign, kms:GetPublicKey, kms:DescribeKey).'},
  'identity.unreachable': {exit: 4, meaning: 'The platform offers an identity token, but the token or the keys to check it cannot be had.', fix: 'Try again; check the job\'s `permissions: id-token: write`, the network and HTTPS_PROXY.'},
  'timestamp.unreachable': {exit: 4, meaning: 'The timestamp authority did not answer as it should.', fix: 'Check `signing.timestamp`, the network and HTTPS_PROXY.'},
  'policy.unreachable': {exit: 4, meaning: 'The platform\'s policy cannot be fetched.', fix: 'Check the address and the network.'},
  'revocation.unreachable': {exit: 4, meaning: 'The list of revocations cannot be fetched.', fix: 'Check `revocations.from` and the network.'},
  'layout.not-written': {exit: 4, meaning: 'The OCI layout cannot be written.', fix: 'Check the rights on the folder, and the space left.'},
  'store.unreachable': {exit: 4, meaning: 'The evidence store cannot be reached or written.', fix: 'Check --store and the rights on it.'},
  'store.refused': {exit: 4, meaning: 'The evidence store refuses this role.', fix: 'Check the role\'s rights: hipaa-ci store policy'},
  'spool.not-empty': {exit: 4, meaning: 'Records wait in the spool, and this step must not go before them.', fix: 'hipaa-ci emit --flush'},
  'store.conflict': {exit: 4, meaning: 'Another writer holds the run or the index.', fix: 'Try again; see which process holds the lock named.'},
  'output.not-written': {exit: 4, meaning: 'The answer could not be written to standard output.', fix: 'Make room where the output goes, and run the command again.'},
  'record.not-written': {exit: 4, meaning: 'The work was done, but its record could not be written.', fix: 'Run the same command again: it finds its own effect and writes the record.'},
  'query.engine': {exit: 4, meaning: 'The query engine failed.', fix: 'Run with DEBUG=1 for the engine\'s words.'},
  // evidence
  'record.invalid': {exit: 5, meaning: 'A record does not fit the evidence schema.', fix: 'See the fields named.'},
  'record.altered': {exit: 5, meaning: 'A record\'s bytes do not match the digest in its name.', fix: 'Restore it from a copy, and find out who could write there.'},
  'record.misplaced': {exit: 5, meaning: 'A record lies under a name that is not its own.', fix: 'Find out who could write there.'},
  'record.unknown-object': {exit: 5, meaning: 'Something lies in the store that is not evidence.', fix: 'Find out who put it there.'},
  'record.not-found': {exit: 6, meaning: 'There is no such record.', fix: 'hipaa-ci evidence ls'},
  'blob.altered': {exit: 5, meaning: 'A blob\'s bytes do not match its digest.', fix: 'Restore it from a copy, and find out who could write there.'},
  'blob.missing': {exit: 5, meaning: 'A record names a blob that is not in the store.', fix: 'Restore it from a copy.'},
  'record.deleted': {exit: 5, meaning: 'A record that was sealed is no longer in the store.', fix: 'Restore it from a copy, and find out who removed it.'},
  'record.hidden': {exit: 5, meaning: 'A delete marker hides a record from readers.', fix: 'Remove the marker (it is a version of its own), and find out who put it there.'},
  'record.second-version': {exit: 5, meaning: 'A record has more than one version.', fix: 'Find out who wrote the second one; the first is what was recorded.'},
  'record.back-dated': {exit: 5, meaning: 'A record came long after the time that it gives, and no delivery accounts for it.', fix: 'Find out who wrote it, and when.'},
  'blob.hidden': {exit: 5, meaning: 'A delete marker hides a blob from readers.', fix: 'Remove the marker (it is a version of its own), and find out who put it there.'},
  'blob.second-version': {exit: 5, meaning: 'A blob has more than one version.', fix: 'Find out who wrote the second one; the first is what was recorded.'},
  'log.hidden': {exit: 5, meaning: 'A delete marker hides a part of the log.', fix: 'Remove the marker (it is a version of its own), and find out who put it there.'},
  'log.second-version': {exit: 5, meaning: 'A part of the log has more than one version.', fix: 'Find out who wrote the second one; the first is what was sealed.'},
  'log.forked': {exit: 5, meaning: 'The log does not continue the one that the checkpoint was taken of.', fix: 'Keep both, and find out who could write the log and sign it.'},
  'log.truncated': {exit: 5, meaning: 'The log is shorter than the checkpoint says it was.', fix: 'Restore the seals from a copy, and find out who removed them.'},
  'seal.unreadable': {exit: 5, meaning: 'A seal is no document of its kind.', fix: 'Restore it from a copy, and find out who could write there.'},
  'seal.missing': {exit: 5, meaning: 'A seal is missing from the log.', fix: 'Restore it from a copy, and find out who removed it.'},
  'seal.broken': {exit: 5, meaning: 'A seal does not continue the one before it.', fix: 'Find out which of the two was replaced.'},
  'seal.false-leaf': {exit: 5, meaning: 'A seal says of a record what the record does not say.', fix: 'Find out who could write the log.'},
  'seal.twice': {exit: 5, meaning: 'A version of a record is sealed more than once.', fix: 'Find out who could write the log.'},
  'seal.stale-tail': {exit: 6, meaning: 'Records have been lying unsealed for too long.', fix: 'hipaa-ci evidence seal'},
  'seal.stale': {exit: 6, meaning: 'The newest seal is older than the log owes.', fix: 'hipaa-ci evidence seal'},
  'checkpoint.unreadable': {exit: 5, meaning: 'A checkpoint is no signed note of its kind.', fix: 'Restore it from a copy, and find out who could write there.'},
  'checkpoint.wrong-key': {exit: 5, meaning: 'A checkpoint is not signed by a key of the log.', fix: 'Check `sealing.keys`; if they are right, find out who signed it.'},
  'checkpoint.invalid': {exit: 5, meaning: 'The signature of a checkpoint does not match it.', fix: 'Find out who could write there.'},
  'checkpoint.contradicts': {exit: 5, meaning: 'A signed checkpoint says something else than the seals.', fix: 'Keep both, and find out who could write the log.'},
  'checkpoint.removed': {exit: 5, meaning: 'A checkpoint is missing where a sealer had signed one.', fix: 'Restore it from a copy, and find out who removed it.'},
  'checkpoint.no-key': {exit: 5, meaning: 'The log is signed, and nothing says by whom it should be.', fix: 'Set `sealing.keys`, or give --key.'},
  'checkpoint.missing': {exit: 6, meaning: 'A seal has no checkpoint.', fix: 'hipaa-ci evidence seal'},
  'anchor.unreadable': {exit: 5, meaning: 'An anchor is no checkpoint, or its timestamp does not verify.', fix: 'Give the file or the store in which checkpoints were kept.'},
  'anchor.other-log': {exit: 5, meaning: 'What was kept is a checkpoint of another log.', fix: 'Give the one of this log; or, where that was to be this log, find out who changed its name.'},
  'anchor.missing': {exit: 6, meaning: 'There is no checkpoint in the anchor.', fix: 'hipaa-ci evidence checkpoint --to ADDRESS'},
  'writer.not-allowed': {exit: 5, meaning: 'Somebody wrote a record into a stream that is not theirs.', fix: 'Find out how they could: hipaa-ci store policy'},
  'writer.unknown': {exit: 6, meaning: 'No event says who wrote a record.', fix: 'Give all CloudTrail data events of the time.'},
  'export.altered': {exit: 5, meaning: 'A file of an exported log is not what the log makes it.', fix: 'Find out who changed it, and export into another folder.'},
  'proof.unreadable': {exit: 5, meaning: 'A proof is no C2SP tlog-proof, or holds no record.', fix: 'Have it made again: hipaa-ci evidence prove ID'},
  'record.not-sealed': {exit: 6, meaning: 'The record is not sealed yet.', fix: 'hipaa-ci evidence seal'},
  'chain.broken': {exit: 5, meaning: 'A record does not point at the one before it.', fix: 'Find out which of the two was replaced.'},
  'chain.fork': {exit: 5, meaning: 'Two records claim the same place in a run.', fix: 'Find out which job wrote with a copied run file.'},
  'chain.gap': {exit: 6, meaning: 'A record is missing between two others of its run.', fix: 'Restore it from a copy, or explain the gap.'},
  'run.no-end': {exit: 6, meaning: 'A run was started and never ended.', fix: 'hipaa-ci run end'},
  'run.missing-step': {exit: 6, meaning: 'A step that the run declared never reported.', fix: 'Look at that step\'s job.'},
  'run.missing-job': {exit: 6, meaning: 'A job that the run declared left no record.', fix: 'Look at that job.'},
  'run.unlisted-job': {exit: 6, meaning: 'A job has records that its run\'s end does not count.', fix: 'Give its run file to `hipaa-ci run end --join`, or explain it.'},
  'run.after-end': {exit: 5, meaning: 'A record was added to a run after its end had counted it.', fix: 'Find out who wrote it.'},
  'run.count': {exit: 6, meaning: 'A run has fewer records than its end declares.', fix: 'Restore them from a copy.'},
  'redaction.blob': {exit: 5, meaning: 'Bytes that must not change hold what looks like a secret or PHI, or a blob is packed so that it cannot be looked into.', fix: 'Remove it at its source, or pack it as gzip or zip; the record was not written.'},
  'redaction.failed': {exit: 5, meaning: 'A value that must not be changed holds what looks like a secret or PHI.', fix: 'Remove it at its source; the record was not written.'},
  'image.corrupt': {exit: 5, meaning: 'A part of the image does not match its digest.', fix: 'Fetch or build the image again.'},
  'image.unsupported': {exit: 5, meaning: 'The image is of a kind that cannot be judged.', fix: 'Use an OCI or Docker v2 manifest.'},
  'record.vanished': {exit: 6, meaning: 'A record that was indexed is no longer in the store.', fix: 'Restore it from a copy, and find out who removed it.'},
  'record.ahead': {exit: 6, meaning: 'A record is dated later than it came, or than the question was asked.', fix: 'Check the clocks; ask a question again with --to.'},
  'index.stale': {exit: 6, meaning: 'The index does not cover all records.', fix: 'hipaa-ci query --fresh'},
  'query.incomplete': {exit: 6, meaning: 'The answer is known to be incomplete.', fix: 'hipaa-ci evidence verify'},
  'query.exceptions': {exit: 1, meaning: 'The question looks for exceptions, and there are some.', fix: 'See the rows.'},
  'revocation.stale': {exit: 5, meaning: 'The list of revocations is older than allowed, or from the future.', fix: 'hipaa-ci revocations publish --out revocations.json --key file:revocations.key'},
  'revocation.unreadable': {exit: 5, meaning: 'The list of revocations cannot be read, or is not signed by the pinned key.', fix: 'hipaa-ci revocations publish --out revocations.json --key file:revocations.key'},
  'identity.invalid': {exit: 5, meaning: 'The identity token that the platform gave does not prove who runs this job.', fix: 'Find out where the token comes from; check the clock, and the audience that the job asks for.'},
  'approval.unresolved-person': {exit: 5, meaning: 'Somebody who wrote the change is not known as a person, so nobody can say that they did not approve it.', fix: 'Add them to the file that `identities` names.'},
  'approval.no-author': {exit: 5, meaning: 'Nothing signed says who wrote the change.', fix: 'From a clean checkout with its history: hipaa-ci attest <image> --type provenance'},
  'approval.claimed': {exit: 5, meaning: 'The approval is somebody\'s bare word.', fix: 'hipaa-ci approve <image> --to <environment> --key file:YOUR.key'},
  // verdicts
  'store.unfit': {exit: 1, meaning: 'The bucket does not keep what is written from being changed or removed.', fix: 'Apply the Terraform that `hipaa-ci store init` prints.'},
  'lock.missing': {exit: 1, meaning: 'An object is not locked.', fix: 'Set the bucket\'s default retention, and: hipaa-ci evidence extend'},
  'lock.weak': {exit: 1, meaning: 'A lock can be lifted before it ends.', fix: 'Set the bucket\'s default retention to COMPLIANCE, 7 years, and: hipaa-ci evidence extend'},
  'retention.too-short': {exit: 1, meaning: 'A lock ends before seven years are over.', fix: 'Set the bucket\'s default retention to COMPLIANCE, 7 years, and: hipaa-ci evidence extend'},
  'blob.lock-ends-first': {exit: 1, meaning: 'The lock of a blob ends before that of a record that names it.', fix: 'hipaa-ci evidence extend'},
  'proof.invalid': {exit: 1, meaning: 'The proof does not show that the record is in the log.', fix: 'Have it made again, and find out who changed it.'},
  'proof.wrong-key': {exit: 1, meaning: 'The proof\'s checkpoint is not signed by the key that was given.', fix: 'Check the key; if it is right, find out who signed it.'},
  'image.not-found': {exit: 6, meaning: 'There is no such image.', fix: 'Check the repository and digest.'},
  'signature.missing': {exit: 6, meaning: 'The image has no signature.', fix: 'hipaa-ci sign <image>'},
  'signature.wrong-key': {exit: 1, meaning: 'The image is signed, but not by a trusted key.', fix: 'Sign it with a key that the environment trusts.'},
  'signature.invalid': {exit: 1, meaning: 'The signature does not match what it claims to sign.', fix: 'Find out who replaced it, then: hipaa-ci sign <image>'},
  'signature.wrong-repository': {exit: 1, meaning: 'The signature was made for another repository.', fix: 'Verify it in the repository that it was signed for; then bring it here and sign it here.'},
  'signature.wrong-subject': {exit: 1, meaning: 'The signature is about another image.', fix: 'hipaa-ci sign <image>'},
  'signature.key-retired': {exit: 1, meaning: 'The key was not valid when the signature was made.', fix: 'Sign it with an active key.'},
  'signature.no-trusted-time': {exit: 1, meaning: 'The key is retired, and nothing proves that the signature is older.', fix: 'Sign it with an active key.'},
  'signature.key-compromised': {exit: 1, meaning: 'The key is marked compromised.', fix: 'Rebuild, and sign with an active key.'},
  'signature.wrong-identity': {exit: 1, meaning: 'The image is signed, but not by a trusted identity.', fix: 'Sign it under an identity that the policy trusts.'},
  'image.revoked': {exit: 1, meaning: 'The image has been revoked.', fix: 'Deploy another one. Who revoked it, and why: hipaa-ci evidence ls --stream revocation'},
  'approval.not-approver': {exit: 2, meaning: 'The key or identity is not one whose approval counts.', fix: 'Approve with a key or identity that `approvals.by` of the environment names.'},
  'approval.missing': {exit: 6, meaning: 'Too few of those who may approve have approved the image.', fix: 'hipaa-ci approve <image> --to <environment> --key file:YOUR.key'},
  'approval.by-author': {exit: 1, meaning: 'The only approvals come from those who wrote the change.', fix: 'Let somebody else approve it: hipaa-ci approve <image> --to <environment> --key file:THEIR.key'},
  'promotion.tag-taken': {exit: 1, meaning: 'The tag already names another image.', fix: 'Choose another --tag, or add --move-tag.'},
  'attestation.unreadable': {exit: 5, meaning: 'Something attached to the image cannot be read as an attestation.', fix: 'Remove it from the registry, after finding out who put it there.'},
  'attestation.invalid': {exit: 1, meaning: 'An attestation is signed, but says something it must not.', fix: 'See the field named.'},
  'sbom.missing': {exit: 6, meaning: 'The image has no signed SBOM.', fix: 'hipaa-ci attest <image> --type sbom'},
  'provenance.missing': {exit: 6, meaning: 'The image has no signed provenance.', fix: 'hipaa-ci attest <image> --type provenance'},
  'provenance.builder': {exit: 1, meaning: 'The image comes from a builder that the policy does not trust.', fix: 'Build it on a trusted builder.'},
  'provenance.source': {exit: 1, meaning: 'The image comes from a source that the policy does not allow.', fix: 'Build it from an allowed source.'},
  'provenance.parameter': {exit: 1, meaning: 'The provenance has an external parameter that the policy does not know.', fix: 'Remove the parameter from the build.'},
  'scan.missing': {exit: 6, meaning: 'The image has no signed scan result.', fix: 'hipaa-ci attest <image> --type vulns'},
  'scan.too-old': {exit: 1, meaning: 'The signed scan result is older than the policy allows.', fix: 'hipaa-ci scan <image> && hipaa-ci attest <image> --type vulns'},
  'gate.missing': {exit: 6, meaning: 'The image has no signed gate decision.', fix: 'hipaa-ci attest <image> --type gate'},
  'gate.failed': {exit: 1, meaning: 'The gate stopped the image.', fix: 'Fix or update what the scan found, then scan and attest again.'},
  'platform.missing': {exit: 6, meaning: 'A platform of the image is not covered.', fix: 'Run the step again for every platform.'},
  'policy.requires-nothing': {exit: 1, meaning: 'The environment requires nothing, so nothing passes.', fix: 'Write `requires` for the environment.'},
  'policy.tag': {exit: 1, meaning: 'The image is named by a tag, which can move.', fix: 'Deploy it by digest.'},
  'policy.image-name': {exit: 1, meaning: 'The image is not named by registry, repository and digest.', fix: 'Name it in full, in lower case: registry.example.com/repository@sha256:….'},
  'policy.no-environment': {exit: 1, meaning: 'No environment, or more than one, matches the cluster and namespace.', fix: 'Correct `environments.*.match` in the policy.'},
  'policy.unknown-image': {exit: 1, meaning: 'No environment or image rule covers this image.', fix: 'Add an `images` rule with an end date, or use the environment\'s repository.'},
  'policy.expired': {exit: 1, meaning: 'The image rule has ended.', fix: 'Renew the rule, or replace the image.'},
  'admission.key': {exit: 2, meaning: 'What asks for a verdict does not ask as our constraint does.', fix: 'Apply the constraint template that this version prints: hipaa-ci admission install'},
  'admission.time': {exit: 4, meaning: 'There was no verdict in the time that a cluster waits.', fix: 'Try again: the verdict goes on being made. If it stays slow, look at the registry.'},
  'admission.log-full': {exit: 4, meaning: 'Verdicts wait for the evidence store, and no more can.', fix: 'Reach the evidence store: nothing is let in until it takes them.'},
  'admission.log-unusable': {exit: 4, meaning: 'The write-ahead log cannot be written or read.', fix: 'Look at the volume that --wal names.'},
  'admission.log-damaged': {exit: 5, meaning: 'A part of the write-ahead log is not what was written.', fix: 'Find out what changed it; it was set aside, and nothing of it was shipped.'},
  'break-glass.not-named': {exit: 2, meaning: 'The key is of nobody who may break the glass.', fix: 'Sign with a key that `admission.break-glass.by` of the policy names.'},
  'break-glass.own-review': {exit: 1, meaning: 'Whoever broke the glass does not review it.', fix: 'Let another person review it: hipaa-ci admission break-glass --review RECORD --by PERSON'},
  'break-glass.unknown-person': {exit: 5, meaning: 'It is not known which person somebody is, so nobody can say that two of them are two.', fix: 'Add them to the file that `identities` names.'},
  'admission.cluster': {exit: 4, meaning: 'The cluster cannot be asked, or does not answer this user.', fix: 'Check --kubeconfig and --context, or give a listing: kubectl get pods --all-namespaces --output json > pods.json, then --listing pods.json'},
  'admission.listing': {exit: 6, meaning: 'What a cluster runs is known in part only.', fix: 'Take the whole listing: kubectl get pods --all-namespaces --output json'},
  'admission.audit-log': {exit: 6, meaning: 'A part of the audit log could not be read.', fix: 'Give the whole files, also those that were rotated, after they were closed.'},
  'admission.unverified': {exit: 1, meaning: 'Something runs that no recorded verdict let in, or the cluster was kept from refusing.', fix: 'Look at the differences: hipaa-ci admission reconcile --json'},
  'admission.server': {exit: 4, meaning: 'The admission server cannot listen, or its certificates cannot be used.', fix: 'Look at --listen and the files of --tls-cert, --tls-key and --client-ca.'},
  'emit.failed-tests': {exit: 1, meaning: 'The tests reported failures.', fix: 'See the report.'},
  // us
  'bug': {exit: 70, meaning: 'This is a fault of ours.', fix: 'Run again with DEBUG=1 and report what it prints.'},
  'interrupted': {exit: 130, meaning: 'It was interrupted; nothing half-written was left.', fix: 'Run the command again.'},
} as const satisfies Record<string, Reason>

export type ReasonCode = keyof typeof REASONS

export function isReasonCode(text: unknown): text is ReasonCode {
  return typeof text === 'string' && Object.hasOwn(REASONS, text)
}

export interface AppErrorOptions extends ErrorOptions {
  /** Replaces the table's fix where the exact command is known. */
  readonly fix?: string
}

/**
 * Something that stopped a command. `message` is one sentence in lower case
 * with the wrong value in it; `suggestions` says what to type.
 */
export class AppError extends Error {
  readonly code: ReasonCode
  readonly exitCode: ExitCode
  readonly suggestions: string[]
  /** The name oclif reads the exit code from. */
  readonly oclif: {exit: ExitCode}

  constructor(code: ReasonCode, message: string, options: AppErrorOptions = {}) {
    super(message, options)
    this.name = 'AppError'
    this.code = code
    this.exitCode = REASONS[code].exit
    this.suggestions = [options.fix ?? REASONS[code].fix]
    this.oclif = {exit: this.exitCode}
  }
}
