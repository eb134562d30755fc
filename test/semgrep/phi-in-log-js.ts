// Synthetic: no real person is in here.
interface Patient {
  ssn: string
  opaqueId: string
}

export class Admission {
  constructor(private readonly logger: Logger) {}

  admit(patient: Patient): void {
    // ruleid: phi-in-log-js
    this.logger.info('admitted', patient.ssn)
    // ruleid: patient-record-in-log-js
    console.error(patient)
    // ok: phi-in-log-js
    this.logger.info('admitted', patient.opaqueId)
  }
}
