// Command fold takes the journal's stream into facts and counters. It may read the
// journal's table and its stream, read and write the state's table, and write into the
// failure bucket what it cannot fold.
package main

import (
	"chatreports/shared/function"
	"chatreports/shared/object/s3"
)

func main() {
	function.Main(function.Fold, function.Journal, function.State, function.Failures(s3.Bucket))
}
