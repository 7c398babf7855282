// Command replay sends the records that fold has set aside back into facts and counters,
// and deletes those that are counted then. It exits with 0 if nothing is left, 1 if
// something is, 2 on a mistake in the arguments.
package main

import "chatreports/infra/storage"

func main() { storage.Main(run) }
