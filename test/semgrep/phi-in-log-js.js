// Synthetic: no real person is in here.
function admit(patient, request, logger) {
  // ruleid: phi-in-log-js
  console.log('admitted', patient.ssn)
  // ruleid: phi-in-log-js
  logger.info(`born ${patient.dateOfBirth}`)
  // ruleid: phi-in-log-js
  request.log.error({mrn: request.body['mrn']})
  const {diagnosis} = request.body
  // ruleid: phi-in-log-js
  logger.debug('found ' + diagnosis)
  // ruleid: patient-record-in-log-js
  console.log(patient)
  // ruleid: patient-record-in-log-js
  logger.info('admitted', patient)

  // ok: phi-in-log-js
  console.log('admitted', patient.opaqueId)
  // ok: phi-in-log-js
  logger.info(redact(patient.ssn))
  // ok: phi-in-log-js
  store.save(patient.ssn, diagnosis)
  // ok: patient-record-in-log-js
  logger.info(redact(patient))
}

const found = ({mrn, opaqueId}) => {
  // ruleid: phi-in-log-js
  console.info(mrn)
  // ok: phi-in-log-js
  console.info(opaqueId)
}
