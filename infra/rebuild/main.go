// Command rebuild builds what is derived of a tenant a second time, from the journal and by
// this program's version of the measures, beside what serves; verifies it, and makes it serve.
// It exits with 0 if it did what was asked, 1 if something is different or went wrong, 2 on a
// mistake in the arguments.
package main

import "chatreports/infra/storage"

func main() { storage.Main(run) }
