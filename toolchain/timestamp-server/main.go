// Command timestamp-server is the loopback timestamp authority of the tests
// (RFC 3161 over HTTP), with a root and a signing certificate made at start.
//
//	timestamp-server -chain FILE
//
// It writes its certificates, signing one first, as PEM to FILE, prints
// "listening HOST:PORT" on standard output once it accepts connections, and ends
// when its standard input closes. A line "offset DURATION" there sets its clock
// that far from the true time and is repeated as the answer: the certificates
// hold for one year before and after the start, so stamps can be made outside.
package main

import (
	"bufio"
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/asn1"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/digitorus/timestamp"
)

// 2.999 is the arc for examples.
var policy = asn1.ObjectIdentifier{2, 999, 1}

type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	// time.Duration.
	offset atomic.Int64
}

func main() {
	chain := flag.String("chain", "", "file for the certificates")
	flag.Parse()
	log.SetFlags(0)
	log.SetPrefix("timestamp-server: ")
	if *chain == "" {
		log.Fatal("-chain is needed")
	}
	certificate, key, pem, err := issue(time.Now())
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(*chain, pem, 0o644); err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	stamper := &authority{certificate: certificate, key: key}
	go func() { log.Fatal(http.Serve(listener, stamper)) }()
	fmt.Printf("listening %s\n", listener.Addr())
	obey(os.Stdin, stamper)
}

// obey sets the clock as it is told, until the input closes.
func obey(input io.Reader, stamper *authority) {
	for lines := bufio.NewScanner(input); lines.Scan(); {
		offset, err := time.ParseDuration(strings.TrimPrefix(lines.Text(), "offset "))
		if err != nil {
			log.Fatalf("cannot read %q", lines.Text())
		}
		stamper.offset.Store(int64(offset))
		fmt.Println(lines.Text())
	}
}

func (a *authority) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	if request.Method != http.MethodPost || request.Header.Get("Content-Type") != "application/timestamp-query" {
		http.Error(response, "POST an application/timestamp-query", http.StatusUnsupportedMediaType)
		return
	}
	query, err := io.ReadAll(io.LimitReader(request.Body, 1<<16))
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	reply, err := a.stamp(query)
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	response.Header().Set("Content-Type", "application/timestamp-reply")
	_, _ = response.Write(reply)
}

func (a *authority) stamp(query []byte) ([]byte, error) {
	asked, err := timestamp.ParseRequest(query)
	if err != nil {
		return nil, err
	}
	stamp := timestamp.Timestamp{
		HashAlgorithm:     asked.HashAlgorithm,
		HashedMessage:     asked.HashedMessage,
		Time:              time.Now().Add(time.Duration(a.offset.Load())).UTC(),
		Accuracy:          time.Second,
		Nonce:             asked.Nonce,
		Policy:            policy,
		AddTSACertificate: asked.Certificates,
	}
	return stamp.CreateResponseWithOpts(a.certificate, a.key, crypto.SHA256)
}
