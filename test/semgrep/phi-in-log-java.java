// Synthetic: no real person is in here.
class Admission {
  private static final Logger logger = LoggerFactory.getLogger(Admission.class);

  void admit(Patient patient) {
    // ruleid: phi-in-log-java
    logger.info("admitted {}", patient.getSsn());
    String born = patient.getDateOfBirth();
    // ruleid: phi-in-log-java
    logger.warn("born " + born);
    // ruleid: phi-in-log-java
    System.out.println(patient.mrn);
    // ok: phi-in-log-java
    logger.info("admitted {}", patient.getOpaqueId());
    // ok: phi-in-log-java
    logger.info("admitted {}", redact(patient.getSsn()));
    // ok: phi-in-log-java
    store.save(patient.getSsn());
  }
}
