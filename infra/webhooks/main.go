// Command webhooks works with what webhooks have delivered, as it is kept: it lists it, and
// maps it again, with the mapping as it is today. It exits with 0 if it could, 1 if not, and 2
// on a mistake in the arguments.
package main

import "chatreports/infra/storage"

func main() { storage.Main(run) }
