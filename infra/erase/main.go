// Command erase removes everything that is stored of a tenant, or what says who a visitor is,
// for good. It exits with 0 if nothing is left, 1 if something is, 2 on a mistake in the
// arguments.
package main

import "chatreports/infra/storage"

func main() { storage.Main(run) }
