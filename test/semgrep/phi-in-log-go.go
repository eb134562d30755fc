// Package admission is synthetic: no real person is in here.
package admission

import (
	"fmt"
	"log"
	"log/slog"
)

func admit(patient Patient) {
	// ruleid: phi-in-log-go
	log.Printf("admitted %s", patient.SSN)
	born := patient.DateOfBirth
	// ruleid: phi-in-log-go
	slog.Info("born", "date", born)
	// ruleid: phi-in-log-go
	fmt.Println(patient.Diagnosis)
	// ok: phi-in-log-go
	log.Printf("admitted %s", patient.OpaqueID)
	// ok: phi-in-log-go
	log.Printf("admitted %s", redact(patient.SSN))
	// ok: phi-in-log-go
	store.Save(patient.SSN)
}
