# Synthetic: no real person is in here.
import logging
import logger as log


class Service:
    def __init__(self):
        self.logger = logging.getLogger("service")

    def admit(self, patient, request):
        # ruleid: phi-in-log-python
        logging.info("admitted %s", patient.ssn)
        # ruleid: phi-in-log-python
        self.logger.warning(f"born {patient.date_of_birth}")
        # ruleid: phi-in-log-python
        log.error("mrn " + request["mrn"])
        diagnosis = request.get("diagnosis", None)
        # ruleid: phi-in-log-python
        log.debug("found %s", diagnosis)
        # ruleid: phi-in-log-python
        print(patient.patient_name)
        # ruleid: patient-record-in-log-python
        log.info("admitted", patient)
        # ruleid: patient-record-in-log-python
        print(patient)

        # ok: phi-in-log-python
        logging.info("admitted %s", patient.opaque_id)
        # ok: phi-in-log-python
        logging.info("admitted %s", redact(patient.ssn))
        # ok: phi-in-log-python
        store(patient.ssn)
        # ok: patient-record-in-log-python
        log.info("admitted %s", redact(patient))
        # ok: patient-record-in-log-python
        store.save(patient)
