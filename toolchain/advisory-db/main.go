// Command advisory-db writes a Trivy vulnerability database (bbolt) from YAML.
//
//	advisory-db ADVISORIES.yaml… trivy.db
//
// The target is replaced: the loader merges, so an old file would keep
// advisories that the YAML no longer has.
package main

import (
	"log"
	"os"

	fixtures "github.com/aquasecurity/bolt-fixtures"
)

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: advisory-db ADVISORIES.yaml... trivy.db")
	}
	last := len(os.Args) - 1
	target := os.Args[last]
	if err := os.Remove(target); err != nil && !os.IsNotExist(err) {
		log.Fatalf("advisory-db: %v", err)
	}
	loader, err := fixtures.New(target, os.Args[1:last])
	if err != nil {
		log.Fatalf("advisory-db: %v", err)
	}
	if err := loader.Load(); err != nil {
		log.Fatalf("advisory-db: %v", err)
	}
	if err := loader.Close(); err != nil {
		log.Fatalf("advisory-db: %v", err)
	}
}
