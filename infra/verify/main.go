// Command verify recomputes a tenant's facts and counters and says where what is
// stored differs; with --rebuild it mends that. It exits with 0 if nothing is
// different (any more), 1 if something is, 2 on a mistake in the arguments, 3 if nothing is
// different and some was not compared.
package main

import "chatreports/infra/storage"

func main() { storage.Main(run) }
