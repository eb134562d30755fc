//go:build !linux

// Command connection-log watches a command by ptrace, which only Linux has in this form.
package main

import (
	"fmt"
	"os"
	"runtime"
)

func main() {
	fmt.Fprintf(os.Stderr, "connection-log: cannot watch a command on %s, only on Linux\n", runtime.GOOS)
	os.Exit(125)
}
