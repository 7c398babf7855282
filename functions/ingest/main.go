// Command ingest takes events at POST /v1/events and answers once they are in the
// journal. It may read and write events in the journal's table, read from the state's table
// who calls, and write to it what was wrong with events: no fact, and nothing that is counted.
package main

import "chatreports/shared/function"

func main() {
	function.Main(function.Ingest, function.Journal, function.State)
}
