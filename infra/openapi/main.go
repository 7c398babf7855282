// Command openapi writes the OpenAPI document of everything that can be asked, from the
// tables that answer:
//
//	go generate ./infra/openapi
package main

import (
	"fmt"
	"os"
)

//go:generate go run .

// written is where the document is kept: beside the function that serves it, which then
// need not carry every dialect.
const written = "../../shared/dashboard/openapi.json"

func main() {
	document, err := Document()
	if err == nil {
		err = os.WriteFile(written, document, 0o644) //nolint:gosec // a file of the repository
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
