// Command ingest takes events at POST /v1/events and answers once they are in the
// journal. It may read and write events in the journal's table, and read from the state's
// table who calls: no fact, and nothing that is counted.
package main

import "chatreports/shared/function"

func main() {
	function.Main(function.Ingest, function.Journal, function.State)
}
