// Command merge merges the counters' log into blocks, every minute where it is
// time. It may read and write the state's table; it does not know the journal.
package main

import "chatreports/shared/function"

func main() {
	function.Main(function.Merge, function.State)
}
