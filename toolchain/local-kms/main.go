// Command local-kms is the loopback key service of the tests: the AWS KMS
// protocol, without signatures of requests, over keys that it makes itself.
//
// It prints "listening HOST:PORT" on standard output once it accepts
// connections, and ends when its standard input closes. Its keys lie in a
// fresh folder of its own, which goes with it: no key outlives a test.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/nsmithuk/local-kms/src/config"
	"github.com/nsmithuk/local-kms/src/data"
	"github.com/nsmithuk/local-kms/src/handler"
	"github.com/sirupsen/logrus"
)

// What the tests ask for. The real service knows more; a call of another
// operation is refused in its words.
var operations = map[string]func(*handler.RequestHandler) handler.Response{
	"CreateAlias":         (*handler.RequestHandler).CreateAlias,
	"CreateKey":           (*handler.RequestHandler).CreateKey,
	"DescribeKey":         (*handler.RequestHandler).DescribeKey,
	"DisableKey":          (*handler.RequestHandler).DisableKey,
	"EnableKey":           (*handler.RequestHandler).EnableKey,
	"GetPublicKey":        (*handler.RequestHandler).GetPublicKey,
	"ScheduleKeyDeletion": (*handler.RequestHandler).ScheduleKeyDeletion,
	"Sign":                (*handler.RequestHandler).Sign,
	"UpdateAlias":         (*handler.RequestHandler).UpdateAlias,
	"Verify":              (*handler.RequestHandler).Verify,
}

func main() {
	config.AWSAccountId = "111122223333"
	config.AWSRegion = "us-east-1"
	folder, err := os.MkdirTemp("", "local-kms-")
	if err != nil {
		log.Fatalf("local-kms: %v", err)
	}
	database := data.NewDatabase(folder)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatalf("local-kms: %v", err)
	}
	go func() {
		_ = http.Serve(listener, service(database))
	}()
	fmt.Printf("listening %s\n", listener.Addr())

	_, _ = io.Copy(io.Discard, os.Stdin)
	database.Close()
	if err := os.RemoveAll(folder); err != nil {
		log.Fatalf("local-kms: %v", err)
	}
}

func service(database *data.Database) http.Handler {
	silent := logrus.New()
	silent.SetOutput(io.Discard)
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		operation := operations[strings.TrimPrefix(request.Header.Get("X-Amz-Target"), "TrentService.")]
		answer := handler.New400ExceptionResponse("UnknownOperationException", "")
		if operation != nil && request.Method == http.MethodPost {
			answer = operation(handler.NewRequestHandler(request, silent, database))
		}
		response.Header().Set("Content-Type", "application/x-amz-json-1.1")
		response.WriteHeader(answer.Code)
		_, _ = io.WriteString(response, answer.Body)
	})
}
