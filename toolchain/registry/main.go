// Command registry is the loopback OCI registry of the tests and the demo.
//
// It prints "listening HOST:PORT" on standard output once it accepts
// connections, and ends when its standard input closes, so that it never
// outlives the process that started it.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on; loopback only")
	referrers := flag.Bool("referrers", true, "serve the OCI 1.1 referrers API (false: clients use the fallback tag)")
	disk := flag.String("disk", "", "folder for blobs (default: memory)")
	watch := flag.Bool("watch-stdin", true, "end when standard input closes")
	flag.Parse()

	options := []registry.Option{
		registry.WithReferrersSupport(*referrers),
		registry.Logger(log.New(io.Discard, "", 0)),
	}
	if *disk != "" {
		options = append(options, registry.WithBlobHandler(registry.NewDiskBlobHandler(*disk)))
	}
	if !strings.HasPrefix(*addr, "127.0.0.1:") {
		log.Fatalf("registry: refusing to listen on %s: loopback only", *addr)
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatalf("registry: %v", err)
	}
	fmt.Printf("listening %s\n", listener.Addr())
	if *watch {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(0)
		}()
	}
	log.Fatal(http.Serve(listener, registry.New(options...)))
}
